import { storytellerPath } from '@headway/storyteller';
import { getLlama, LlamaLogLevel, type LlamaContext } from 'node-llama-cpp';

import { createEngine } from '../../create-engine.ts';
import type { Engine } from '../../port/engine.ts';
import type { BatchLoop } from './batch/batch-loop.ts';
import { openBatchLoop } from './batch/open-batch-loop.ts';
import { llama, type LlamaOptions } from './llama.ts';

/** The embedded model, loaded on the CPU with node-llama-cpp. The caller disposes of `instance`. */
export async function openEmbeddedModel({ logLevel = LlamaLogLevel.error } = {}) {
  const instance = await getLlama({ gpu: false, build: 'never', logLevel, maxThreads: 1 });
  const model = await instance.loadModel({ modelPath: storytellerPath });
  return { instance, model };
}

const loops = new WeakMap<LlamaContext, BatchLoop>();

/** The one batch loop of a context that a test opened, with one thread. */
export function batchLoopOf(context: LlamaContext): BatchLoop {
  const loop = loops.get(context) ?? openBatchLoop(context, { decode: 1, prefill: 1 });
  loops.set(context, loop);
  return loop;
}

/** A backend for the embedded model, on one CPU thread. */
export function embeddedBackend(options: Omit<LlamaOptions, 'model' | 'gpu'> = {}) {
  return llama({ model: storytellerPath, gpu: false, threads: 1, ...options });
}

/** An engine with the embedded model, on one CPU thread. The caller closes it. */
export function openEmbeddedEngine(options: { parallel: number; contextSize: number }): Promise<Engine> {
  return createEngine({ backend: embeddedBackend(), ...options });
}
