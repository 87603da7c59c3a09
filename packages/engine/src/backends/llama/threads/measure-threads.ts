import { setTimeout as sleep } from 'node:timers/promises';

import type { DecodeTrial } from '@headway/protocol';
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';

import { learnedPositions } from '../model/learned-positions.ts';
import {
  bestThreads,
  decodeTrials,
  nextTrial,
  threadCandidates,
  type ThreadCounts,
  type TimedTrial,
} from './thread-trials.ts';

export interface MeasureThreadsOptions {
  model: LlamaModel;
  instance: Llama;
  /** Whether the binary keeps its threads between two batches. @default false: it makes them anew */
  keepsThreads?: boolean;
  /** CPU cores of the machine. */
  cores: number;
  /** Longest duration of the measurement, in ms. @default 1000 */
  budgetMs?: number;
  signal: AbortSignal;
}

export interface MeasuredThreads {
  counts: ThreadCounts;
  /** Empty where nothing was measured. */
  decodeTrials: DecodeTrial[];
}

/** Sizes of a trial chunk, in tokens: the engine's smallest chunk, and less where a token takes long. */
const chunkLengths = [64, 32, 16];

/** Assumed cost of a token in a chunk, as a share of a decoded token's. */
const chunkShare = 0.25;

/** Tokens of context for the trials. */
const contextSize = 256;

/**
 * Times the model with different numbers of threads, in a small context of its own, and resolves with the best counts
 * when the time is up, though a trial may still run. It resolves at once with the safest counts where there is one
 * candidate or where a GPU computes, as threads then hardly matter.
 *
 * @throws the signal's reason when it aborts; node-llama-cpp's error when a context cannot be made
 */
export async function measureThreads({
  model,
  instance,
  keepsThreads = false,
  cores,
  budgetMs = 1000,
  signal,
}: MeasureThreadsOptions): Promise<MeasuredThreads> {
  const candidates = threadCandidates(cores);
  const timed: TimedTrial[] = [];
  const onGpu = instance.gpu !== false && model.gpuLayers > 0;
  if (candidates.length > 1 && !onGpu) {
    const end = performance.now() + budgetMs;
    const timeUp = new AbortController();
    const over = AbortSignal.any([signal, timeUp.signal]);
    const trials = runTrials({ model, instance, candidates, timed, leftMs: () => end - performance.now(), over });
    await Promise.race([trials, sleep(budgetMs, undefined, { signal: timeUp.signal })]).finally(() => timeUp.abort());
    signal.throwIfAborted();
  }
  return { counts: bestThreads(candidates, timed, { keepsThreads }), decodeTrials: decodeTrials(timed) };
}

interface Trials {
  model: LlamaModel;
  instance: Llama;
  candidates: readonly number[];
  timed: TimedTrial[];
  leftMs: () => number;
  /** Aborts when the result was returned: no trial may change the instance's threads after that. */
  over: AbortSignal;
}

async function runTrials({ model, instance, candidates, timed, leftMs, over }: Trials): Promise<void> {
  const most = Math.max(...candidates);
  instance.maxThreads = most;
  const context = await model.createContext({
    // No position beyond those that the model learned.
    contextSize: Math.min(contextSize, learnedPositions(model.fileInfo) ?? contextSize),
    batchSize: Math.max(...chunkLengths),
    sequences: 1,
    threads: most,
    createSignal: over,
  });
  try {
    const sequence = context.getSequence();
    const run = async (threads: number, work: () => Promise<unknown>): Promise<number> => {
      over.throwIfAborted();
      instance.maxThreads = threads;
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    const [safest = 1] = candidates;
    // The first run warms the model up; the second is the measure.
    await run(safest, () => writeToken(sequence));
    const tokenMs = await run(safest, () => writeToken(sequence));
    const length = chunkLengths.find((tokens) => tokenMs * tokens <= leftMs()) ?? Math.min(...chunkLengths);
    const expected = { decode: tokenMs, prefill: tokenMs * length * chunkShare };
    for (;;) {
      const trial = nextTrial({ candidates, timed, expected, leftMs: leftMs() });
      if (trial === null) return;
      if (trial.work === 'prefill') await sequence.clearHistory();
      const work = trial.work === 'prefill' ? () => readChunk(sequence, length) : () => writeToken(sequence);
      const ms = await run(trial.threads, work);
      timed.push({ ...trial, ms });
    }
  } finally {
    await context.dispose();
  }
}

async function writeToken(sequence: LlamaContextSequence): Promise<void> {
  for await (const _ of sequence.evaluate(textTokens(sequence.model, 1), { temperature: 0 })) return;
}

async function readChunk(sequence: LlamaContextSequence, length: number): Promise<void> {
  await sequence.evaluateWithoutGeneratingNewTokens(textTokens(sequence.model, length));
}

/** Tokens of a text, so that a mixture of experts uses as many experts as for a real prompt. */
function textTokens(model: LlamaModel, length: number): Token[] {
  const tokens = model.tokenizer(
    'A small fox reads an old book in the harbour library while it rains, and then asks for more.',
  );
  return Array.from({ length }, (_, at) => tokens[at % tokens.length] as Token);
}
