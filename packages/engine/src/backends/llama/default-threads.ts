import { availableParallelism } from 'node:os';

/**
 * Threads to compute with when nobody says: half the cores, at least one. The prebuilt ggml makes its threads anew at
 * each step and has them spin at barriers; one on each core decodes several times slower as soon as anything else
 * wants a core (measured on 2 cores: 310 to 380 tokens/s with one thread, 70 to 100 with two).
 */
export function defaultThreads(cores: number = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / 2));
}
