import type { LlamaContextSequence, Token } from 'node-llama-cpp';

import type { MeasuredChunk } from '../../../backend/backend.ts';

/** Tokens of a trial chunk: as many as the engine reads at least. */
const chunkTokens = 64;

const mostChunks = 8;

/** No further chunk is begun after so long, in ms. */
const budgetMs = 250;

/**
 * Reads a few chunks and tells how long each took, so that the very first request can be told how long it will take.
 * Leaves the sequence empty. The first chunk also warms the model up and is left out, unless there is no time for another.
 *
 * @throws the signal's reason, after the chunk at hand
 */
export async function readTrialChunks(
  sequence: LlamaContextSequence,
  token: Token,
  signal: AbortSignal,
): Promise<MeasuredChunk[]> {
  const start = performance.now();
  const readings: MeasuredChunk[] = [];
  const room = Math.min(mostChunks, Math.floor((sequence.contextSize - 1) / chunkTokens));
  for (let at = 0; at < room && performance.now() - start < budgetMs; at++) {
    signal.throwIfAborted();
    const since = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(Array.from({ length: chunkTokens }, () => token));
    readings.push({ tokens: chunkTokens, position: at * chunkTokens, ms: performance.now() - since });
  }
  await sequence.clearHistory();
  signal.throwIfAborted();
  return readings.length > 1 ? readings.slice(1) : readings;
}
