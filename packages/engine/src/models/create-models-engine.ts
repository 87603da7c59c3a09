import { HeadwayError } from '@headway/protocol';

import { checkHostOptions, openHost, requireDistinctIds, requireInteger } from '../host/open-host.ts';
import { CrashSuspects } from '../isolation/crash-suspects.ts';
import type { IsolatedEngineOptions } from '../isolation/create-isolated-engine.ts';
import { IsolatedPort, type IsolatedPortOptions } from '../isolation/isolated-port.ts';
import type { Engine } from '../port/engine.ts';
import type { EngineMessage, EnginePort } from '../port/engine-port.ts';
import { PortEngine } from '../port/port-engine.ts';
import { systemClock, type Clock } from '../timing/clock.ts';
import { ModelMemory } from './memory/model-memory.ts';
import { ModelsPort, type PortOfModel } from './models-port.ts';
import { measureNeed } from './need/measure-need.ts';
import { OnDemandPort } from './on-demand/on-demand-port.ts';
import { ProcessHistory, type ModelProcessNews } from './process-history.ts';
import { idOf, unloadedInfo, type ProcessModel, type ServedModel } from './served-model.ts';

export interface ModelsEngineOptions extends Omit<IsolatedEngineOptions, 'backend' | 'onProcess'> {
  /** The default model first. */
  models: readonly [ServedModel, ...ServedModel[]];
  /**
   * The memory that the models with processes may take together, in bytes. They are then loaded when a request asks for
   * them, and the least recently used idle ones are unloaded to make room. @default no limit: all are loaded at the start
   */
  memoryLimit?: number;
  /** Called when a model's process starts, prints a line or crashes: for a log. */
  onProcess?: (news: ModelProcessNews) => void;
  /** The clock of the waiting times, and of the models in this process. @default the system clock */
  clock?: Clock;
}

/** Longest idle time before a model is unloaded, in ms. */
const longestTtlMs = 604_800_000;

/**
 * As `createIsolatedEngine`, for several models, each in a process of its own, so that a crash, a restart or a slow load of
 * one leaves the others alone. With `memoryLimit`, and with a `ttlMs`, models are loaded on demand.
 *
 * @throws HeadwayError as `createIsolatedEngine`; `model-load-failed`, unless `lazy`, for a model that does not fit into
 * `memoryLimit` even alone
 */
export async function createModelsEngine({ lazy = false, ...options }: ModelsEngineOptions): Promise<Engine> {
  check(options);
  const engine = new PortEngine((onMessage) => openModels(options, onMessage));
  if (lazy) return engine;
  try {
    await engine.ready();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

function openModels(options: ModelsEngineOptions, onMessage: (message: EngineMessage) => void): ModelsPort {
  const { models, memoryLimit = Number.POSITIVE_INFINITY, onProcess } = options;
  const memory = new ModelMemory(memoryLimit);
  const history = models.every((model) => 'backend' in model) ? null : new ProcessHistory();
  const opening: Opening = {
    options: {
      ...options,
      onProcess: (news) => {
        history?.add(news);
        onProcess?.(news);
      },
    },
    memory,
    onMessage: (message) => port.receive(message),
  };
  const open = (model: ServedModel): PortOfModel => ({ id: idOf(model), port: openModel(model, opening) });
  const [first, ...others] = models;
  const ports: readonly [PortOfModel, ...PortOfModel[]] = [open(first), ...others.map(open)];
  const port = new ModelsPort({ models: ports, memory, history, onMessage });
  return port;
}

interface Opening {
  options: ModelsEngineOptions & Required<Pick<ModelsEngineOptions, 'onProcess'>>;
  memory: ModelMemory;
  onMessage: (message: EngineMessage) => void;
}

function openModel(model: ServedModel, opening: Opening): EnginePort {
  if (!('backend' in model)) return openProcessModel(model, opening);
  const { models: _models, ...options } = opening.options;
  const { backend, ...own } = model;
  return openHost({ ...options, ...own, backend }, opening.onMessage);
}

function openProcessModel(model: ProcessModel, { options, memory, onMessage }: Opening): EnginePort {
  const { models, memoryLimit, clock = systemClock, execArgv, pulse = {}, onProcess, onDownload, onLoad } = options;
  const { maxQueue = 64, queueTimeoutMs = 600_000, itlBudgetMs } = options;
  const { ttlMs, parallel = options.parallel ?? 4, contextSize = options.contextSize, ...description } = model;
  const modelId = idOf(model);
  const { beatMs = 500, silentMs = 15_000, loadingMs = 60_000, stuckMs = 300_000 } = pulse;
  const info = unloadedInfo(modelId, 'llama' in model ? 'llama' : 'module', parallel);
  // Outlives the ports of a model that is unloaded and loaded again.
  const suspects = new CrashSuspects();
  const open = (own: Pick<IsolatedPortOptions, 'onMessage' | 'onLoad'>, context: number | undefined) => {
    return new IsolatedPort({
      order: {
        backends: [description],
        options: { parallel, contextSize: context, maxQueue, queueTimeoutMs, itlBudgetMs },
        beatMs,
      },
      execArgv,
      pulse: { beatMs, silentMs, loadingMs, stuckMs },
      maxHeld: maxQueue,
      models: [info],
      suspects,
      onDownload,
      onProcess: (news) => onProcess({ ...news, modelId }),
      ...own,
    });
  };
  if (memoryLimit === undefined && ttlMs === undefined) return open({ onMessage, onLoad }, contextSize);
  const sharing = models.filter((one) => !('backend' in one)).length;
  const room = memoryLimit === undefined ? null : { shared: memoryLimit / sharing, alone: memoryLimit };
  return new OnDemandPort({
    info,
    maxQueue,
    queueTimeoutMs,
    ttlMs: ttlMs ?? null,
    clock,
    memory,
    measure: (signal) => {
      const order = { backend: description, parallel, contextSize: contextSize ?? null, room };
      return measureNeed({ ...order, modelId, execArgv, onDownload, signal });
    },
    open: (opened) =>
      open(
        {
          onMessage: opened.onMessage,
          onLoad: (progress) => {
            opened.onLoad(progress);
            onLoad?.(progress);
          },
        },
        opened.contextSize ?? undefined,
      ),
    onMessage,
  });
}

/** @throws HeadwayError `invalid-request` */
function check({ models, memoryLimit, ...options }: Omit<ModelsEngineOptions, 'lazy'>): void {
  checkHostOptions(options);
  for (const model of models) {
    checkHostOptions({ parallel: model.parallel, contextSize: model.contextSize });
    if ('ttlMs' in model && model.ttlMs !== undefined) requireInteger('ttlMs', model.ttlMs, 1, longestTtlMs);
  }
  requireDistinctIds(models.map(idOf));
  if (memoryLimit !== undefined && !(memoryLimit > 0 && Number.isFinite(memoryLimit))) {
    throw new HeadwayError('invalid-request', `memoryLimit: ${memoryLimit} is not a positive number of bytes`);
  }
}
