import type { EngineActivity } from '@headway/engine';
import type { Activity, GenerationInfo, ModelActivity, ModelInfo, QueuedActivity } from '@headway/protocol';

import type { Caller } from '../access/caller.ts';
import type { RecentTokens } from './recent-tokens.ts';

/** A generation that waits or runs. */
export interface ActiveGeneration {
  owner: string;
  info: GenerationInfo;
}

export interface ActivitySources {
  caller: Caller;
  /** The current time, in ms, of the clock of `tokens`. */
  now: number;
  models: readonly ModelInfo[];
  engine: EngineActivity;
  /** Those of all callers, the oldest first. */
  generations: readonly ActiveGeneration[];
  tokens: RecentTokens;
  /** The id of the model that a request names. */
  modelId: (name: string) => string;
  /** Open WebSockets; undefined when unknown. */
  sockets: number | undefined;
  viewers: number;
}

/** Most requests in each list. */
const mostListed = 256;

/** What a caller may know of the gateway's load: its own requests by id, and of the others that they use slots and wait. */
export function describeActivity(sources: ActivitySources): Activity {
  const { caller, models, engine, generations, sockets, viewers } = sources;
  const own = generations.filter(({ owner }) => owner === caller.owner);
  return {
    models: models.map((model) => describeModel(model, engine, caller)),
    queue: describeQueue(sources),
    generations: own
      .slice(-mostListed)
      .map(({ info }) => info)
      .reverse(),
    ...sources.tokens.read(sources.now),
    connections: { ...(sockets !== undefined && { sockets }), viewers },
    ...(engine.memory && { memory: engine.memory }),
  };
}

function describeModel(model: ModelInfo, engine: EngineActivity, { owner }: Caller): ModelActivity {
  const { id, state, loaded, memoryBytes, error, contextSize, sizeBytes, remote } = model;
  const { slots = [], queued = 0 } = engine.models.find((one) => one.id === id) ?? {};
  return {
    id,
    state,
    ...(loaded !== undefined && { loaded }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(error !== undefined && { error }),
    contextSize,
    sizeBytes,
    slots: slots.map(({ run, held }) => ({
      busy: run !== null,
      generation: run?.owner === owner ? run.id : null,
      heldTokens: remote ? null : held.owner === owner ? held.tokens : 0,
    })),
    queued,
  };
}

function describeQueue({ caller, models, generations, modelId }: ActivitySources): QueuedActivity[] {
  const orderOf = new Map(models.map(({ id }, at) => [id, at]));
  const waiting = generations.flatMap(({ owner, info }): QueuedActivity[] => {
    const { id, state, queuePosition: place, elapsedMs = 0 } = info;
    const model = modelId(info.model);
    // Before the engine has accepted it, a request may name any model.
    if ((state !== 'queued' && state !== 'loading') || !orderOf.has(model)) return [];
    const waitedMs = Math.round(elapsedMs);
    return [{ generation: owner === caller.owner ? id : null, model, phase: state, place, waitedMs }];
  });
  const rank = ({ model, place }: QueuedActivity) =>
    [orderOf.get(model) ?? 0, place ?? Number.MAX_SAFE_INTEGER] as const;
  return waiting
    .toSorted((a, b) => {
      const [[modelA, placeA], [modelB, placeB]] = [rank(a), rank(b)];
      return modelA - modelB || placeA - placeB || b.waitedMs - a.waitedMs;
    })
    .slice(0, mostListed);
}
