import { HeadwayError } from '@headway/protocol';

import type { Backend, DownloadProgress, LoadProgress } from '../backend/backend.ts';
import { systemClock, type Clock } from '../timing/clock.ts';
import { EngineHost } from './engine-host.ts';
import type { EngineMessage } from '../port/engine-port.ts';

export interface HostOptions {
  /** One per model, the default model first. */
  backend: Backend | readonly [Backend, ...Backend[]];
  /** Slots per model: the requests it works on at the same time. @default 4 */
  parallel?: number;
  /** Tokens per slot. @default as many as the model was trained with and memory allows */
  contextSize?: number;
  /** Requests that may wait for a slot of one model. The engine refuses the next one with `queue-full`. @default 64 */
  maxQueue?: number;
  /** Longest wait for a slot, in ms; then the request ends with the error `queue-timeout`. @default 600_000 */
  queueTimeoutMs?: number;
  /**
   * Longest gap between two tokens of a stream that the prefill of other prompts should cause, in ms. A smaller value
   * makes streams smoother and prefill slower, because chunks get smaller. Values over 100 act as 100. @default 100
   */
  itlBudgetMs?: number;
  /** Called with the progress of a model's download. */
  onDownload?: (progress: DownloadProgress) => void;
  /** Called with the progress of a model's loading, at most every 100 ms and at its end. */
  onLoad?: (progress: LoadProgress) => void;
  /** @default the system clock */
  clock?: Clock;
}

/** Opens a host that runs the models. @throws HeadwayError `invalid-request` for options out of bounds */
export function openHost(
  {
    backend,
    parallel = 4,
    contextSize,
    maxQueue = 64,
    queueTimeoutMs = 600_000,
    itlBudgetMs = 100,
    clock = systemClock,
    onDownload,
    onLoad,
  }: HostOptions,
  onMessage: (message: EngineMessage) => void,
): EngineHost {
  checkHostOptions({ parallel, contextSize, maxQueue, queueTimeoutMs, itlBudgetMs });
  const backends: readonly [Backend, ...Backend[]] = isList(backend) ? backend : [backend];
  requireDistinctIds(backends.map(({ modelId }) => modelId));
  return new EngineHost({
    backends,
    parallel,
    contextSize: contextSize ?? null,
    maxQueue,
    queueTimeoutMs,
    itlBudgetMs,
    clock,
    onMessage,
    ...(onDownload && { onDownload }),
    ...(onLoad && { onLoad }),
  });
}

/** @throws HeadwayError `invalid-request` for an option out of bounds */
export function checkHostOptions({
  parallel = 4,
  contextSize,
  maxQueue = 64,
  queueTimeoutMs = 600_000,
  itlBudgetMs = 100,
}: Omit<HostOptions, 'backend'>): void {
  requireInteger('parallel', parallel, 1, 64);
  requireInteger('maxQueue', maxQueue, 0, 100_000);
  requireInteger('queueTimeoutMs', queueTimeoutMs, 1, 86_400_000);
  requireInteger('itlBudgetMs', itlBudgetMs, 1, 60_000);
  if (contextSize !== undefined) requireInteger('contextSize', contextSize, 16, 16_777_216);
}

function isList(backend: HostOptions['backend']): backend is readonly [Backend, ...Backend[]] {
  return Array.isArray(backend);
}

export function requireInteger(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new HeadwayError('invalid-request', `${option}: ${value} is not a whole number from ${least} to ${most}`);
}

/** @throws HeadwayError `invalid-request` for two models with one id */
export function requireDistinctIds(ids: readonly string[]): void {
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return;
  throw new HeadwayError(
    'invalid-request',
    `two models have the id ${JSON.stringify(twice)}; give one of them another modelId`,
  );
}
