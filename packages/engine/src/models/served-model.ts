import type { ModelInfo } from '@headway/protocol';

import type { Backend } from '../backend/backend.ts';
import type { LlamaOptions } from '../backends/llama/llama.ts';
import { modelIdOf } from '../backends/llama/model/model-id.ts';

/** Settings of one model, in place of the engine's. */
export interface ModelSettings {
  /** Slots: the requests that the model works on at the same time. @default the engine's */
  parallel?: number;
  /** Tokens per slot. @default the engine's */
  contextSize?: number;
}

/** A model that runs in a process of its own. */
export type ProcessModel = ModelSettings & {
  /**
   * Unload the model when it was idle for so long, in ms, and load it when a request asks for it. @default only what a
   * memory limit demands
   */
  ttlMs?: number;
} & (
    | { llama: LlamaOptions }
    | {
        /** URL of a module, as in `BackendDescription`. */
        module: string;
        /** Any JSON value. */
        options?: unknown;
        /** The id of the module's backend. */
        modelId: string;
      }
  );

/** A model in this process, such as one behind a network. It loads at the start and takes none of the limited memory. */
export type InProcessModel = ModelSettings & { backend: Backend };

export type ServedModel = ProcessModel | InProcessModel;

/** The id by which requests choose the model. */
export function idOf(model: ServedModel): string {
  if ('backend' in model) return model.backend.modelId;
  if ('module' in model) return model.modelId;
  return model.llama.modelId ?? modelIdOf(model.llama.model);
}

/** What is known of a model before its process says more. */
export function unloadedInfo(id: string, backend: string, slots: number): ModelInfo {
  return {
    id,
    state: 'loading',
    backend,
    contextSize: null,
    slots,
    parameters: null,
    sizeBytes: null,
    threads: null,
    prefillThreads: null,
    device: null,
  };
}
