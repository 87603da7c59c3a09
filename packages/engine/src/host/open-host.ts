import { HeadwayError } from '@headway/protocol';

import type { Backend, DownloadProgress } from '../backend/backend.ts';
import { systemClock, type Clock } from '../timing/clock.ts';
import { EngineHost } from './engine-host.ts';
import type { EngineMessage } from '../port/engine-port.ts';

export interface HostOptions {
  /** One for each model, the default one first. */
  backend: Backend | readonly [Backend, ...Backend[]];
  /** Slots of each model: requests it works on at once. @default 4 */
  parallel?: number;
  /** Tokens a slot. @default as many as the model was trained with, as memory allows */
  contextSize?: number;
  /** Requests that may wait for a slot of one model; one more is refused with `queue-full`. @default 64 */
  maxQueue?: number;
  /** Longest wait for a slot, in ms; then the request ends in the error `queue-timeout`. @default 600_000 */
  queueTimeoutMs?: number;
  /**
   * Longest time between two tokens of a stream that the reading of other prompts should cause, in ms. Less keeps
   * streams smoother and reads prompts in smaller chunks, which takes longer; no more than 100 is used. @default 100
   */
  itlBudgetMs?: number;
  /** Hears how far a model is that has to be downloaded first. */
  onDownload?: (progress: DownloadProgress) => void;
  /** @default the system's */
  clock?: Clock;
}

/** Opens the side that runs models. @throws HeadwayError `invalid-request` for options out of bounds */
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
  }: HostOptions,
  onMessage: (message: EngineMessage) => void,
): EngineHost {
  requireInteger('parallel', parallel, 1, 64);
  requireInteger('maxQueue', maxQueue, 0, 100_000);
  requireInteger('queueTimeoutMs', queueTimeoutMs, 1, 86_400_000);
  requireInteger('itlBudgetMs', itlBudgetMs, 1, 60_000);
  if (contextSize !== undefined) requireInteger('contextSize', contextSize, 16, 16_777_216);
  const backends: readonly [Backend, ...Backend[]] = isList(backend) ? backend : [backend];
  requireDistinct(backends.map(({ modelId }) => modelId));
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
  });
}

function isList(backend: HostOptions['backend']): backend is readonly [Backend, ...Backend[]] {
  return Array.isArray(backend);
}

function requireInteger(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new HeadwayError('invalid-request', `${option}: ${value} is not a whole number from ${least} to ${most}`);
}

function requireDistinct(ids: readonly string[]): void {
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return;
  throw new HeadwayError(
    'invalid-request',
    `backend: two models are called ${JSON.stringify(twice)}; give one another id`,
  );
}
