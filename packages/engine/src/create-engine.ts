import { HeadwayError } from '@headway/protocol';

import type { Backend } from './backend.ts';
import { systemClock, type Clock } from './clock.ts';
import { EngineHost } from './engine-host.ts';
import type { Engine } from './engine.ts';
import { PortEngine } from './port-engine.ts';

export interface EngineOptions {
  /** One for each model, the default one first. */
  backend: Backend | readonly [Backend, ...Backend[]];
  /** Slots of each model: requests it works on at once. @default 4 */
  parallel?: number;
  /** Tokens a slot. @default as many as the model was trained with, as memory allows */
  contextSize?: number;
  /** Requests that may wait for a slot of one model; one more is refused with `queue-full`. @default 64 */
  maxQueue?: number;
  /** Resolve before the models are loaded; requests show the phase `loading` meanwhile. @default false */
  lazy?: boolean;
  /** @default the system's */
  clock?: Clock;
}

/**
 * Opens models and returns what generates with them.
 *
 * @throws HeadwayError `model-load-failed` unless `lazy`, `invalid-request` for options out of bounds
 */
export async function createEngine({
  backend,
  parallel = 4,
  contextSize,
  maxQueue = 64,
  lazy = false,
  clock = systemClock,
}: EngineOptions): Promise<Engine> {
  requireInteger('parallel', parallel, 1, 64);
  requireInteger('maxQueue', maxQueue, 0, 100_000);
  if (contextSize !== undefined) requireInteger('contextSize', contextSize, 16, 16_777_216);
  const backends: readonly [Backend, ...Backend[]] = isList(backend) ? backend : [backend];
  requireDistinct(backends.map(({ modelId }) => modelId));

  const engine = new PortEngine((onMessage) => {
    return new EngineHost({ backends, parallel, contextSize: contextSize ?? null, maxQueue, clock, onMessage });
  });
  if (!lazy) {
    try {
      await engine.ready();
    } catch (error) {
      await engine.close();
      throw error;
    }
  }
  return engine;
}

function isList(backend: EngineOptions['backend']): backend is readonly [Backend, ...Backend[]] {
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
