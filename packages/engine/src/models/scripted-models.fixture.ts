import type { GenerateRequest } from '@headway/protocol';

import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { openHost } from '../host/open-host.ts';
import { PortEngine } from '../port/port-engine.ts';
import { ModelMemory } from './memory/model-memory.ts';
import { ModelsPort, type PortOfModel } from './models-port.ts';
import { OnDemandPort } from './on-demand/on-demand-port.ts';
import { unloadedInfo } from './served-model.ts';

export interface ScriptedModel {
  id: string;
  /** In bytes. */
  expected: number;
  /** What it takes once it is loaded. @default expected */
  measured?: number;
  ttlMs?: number;
  /** Resolves once it is known what it needs. @default at once */
  measuring?: Promise<void>;
  /** Called when it begins to load. When it throws, loading fails with that. */
  onLoad?: () => void;
}

export interface ScriptedModelsOptions {
  limit?: number;
  parallel?: number;
  maxQueue?: number;
  queueTimeoutMs?: number;
  loadMs?: number;
}

const stall = { fault: { phase: 'decode', afterTokens: 1, does: 'stall' } } as const;

/**
 * Scripted models on demand, in this process, with a virtual clock that moves on its own. A prompt that begins with `stall`
 * writes one token and then nothing until it is cancelled.
 */
export function openScriptedModels(
  models: readonly [ScriptedModel, ...ScriptedModel[]],
  {
    limit = Number.POSITIVE_INFINITY,
    parallel = 2,
    maxQueue = 64,
    queueTimeoutMs = 600_000,
    loadMs = 500,
  }: ScriptedModelsOptions = {},
) {
  const clock = createVirtualClock({ auto: true });
  const memory = new ModelMemory(limit);
  /** What happened to which model, in order. */
  const log: string[] = [];
  const open = ({ id, expected, measured = expected, ttlMs, measuring, onLoad }: ScriptedModel): PortOfModel => {
    const script = ({ prompt = '' }: GenerateRequest) => (prompt.startsWith('stall') ? stall : {});
    const backend = scripted({ modelId: id, clock, script, loadMs });
    const onDemand = new OnDemandPort({
      info: unloadedInfo(id, 'scripted', parallel),
      maxQueue,
      queueTimeoutMs,
      ttlMs: ttlMs ?? null,
      clock,
      memory,
      measure: async () => {
        if (measuring) await measuring;
        return { backend: 'scripted', bytes: expected, contextSize: null, sizeBytes: null, parameters: null };
      },
      open: ({ onMessage, onLoad: onShare }) => {
        log.push(`load ${id}`);
        const host = openHost(
          {
            backend: {
              ...backend,
              load: async (options) => {
                onLoad?.();
                return backend.load(options);
              },
            },
            clock,
            parallel,
            maxQueue,
            onLoad: onShare,
          },
          onMessage,
        );
        const close = host.close.bind(host);
        return Object.assign(host, {
          memoryBytes: measured,
          close: async () => {
            await close();
            log.push(`gone ${id}`);
          },
        });
      },
      onMessage: (message) => port.receive(message),
    });
    return { id, port: onDemand };
  };
  const [first, ...others] = models;
  let port!: ModelsPort;
  const engine = new PortEngine((onMessage) => {
    port = new ModelsPort({ models: [open(first), ...others.map(open)], memory, history: null, onMessage });
    return port;
  });
  const states = async () => (await engine.models()).map(({ state }) => state);
  return { engine, clock, memory, log, states, [Symbol.asyncDispose]: () => engine.close() };
}
