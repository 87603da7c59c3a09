import type { LlamaContextSequence, Token } from 'node-llama-cpp';

import type { MeasuredChunk } from '../../../backend/backend.ts';

/** Tokens of a trial chunk: the engine's smallest chunk. */
const chunkTokens = 64;

const mostChunks = 8;

/** After this many ms no further chunk begins, but for the second: the first one is slow, as it reads the weights. */
const budgetMs = 250;
const secondBudgetMs = 3000;

/**
 * Reads a few chunks and returns each one's duration, so that the first request already gets an estimate. Empties the
 * sequence at the end. The first chunk warms the model up and counts only when no other was read.
 *
 * @throws the signal's reason, after the current chunk
 */
export async function readTrialChunks(
  sequence: LlamaContextSequence,
  token: Token,
  signal: AbortSignal,
): Promise<MeasuredChunk[]> {
  const start = performance.now();
  const readings: MeasuredChunk[] = [];
  const room = Math.min(mostChunks, Math.floor((sequence.contextSize - 1) / chunkTokens));
  for (let at = 0; at < room && performance.now() - start < (at === 1 ? secondBudgetMs : budgetMs); at++) {
    signal.throwIfAborted();
    const since = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(Array.from({ length: chunkTokens }, () => token));
    readings.push({ tokens: chunkTokens, position: at * chunkTokens, ms: performance.now() - since });
  }
  await sequence.clearHistory();
  signal.throwIfAborted();
  return readings.length > 1 ? readings.slice(1) : readings;
}
