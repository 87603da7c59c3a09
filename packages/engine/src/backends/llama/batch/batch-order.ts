import type { BatchItem, CustomBatchingPrioritizationStrategy } from 'node-llama-cpp';

/** Most tokens of one stream in a batch. A stream writes one at a time; a context shift reads more of them again. */
const longestStep = 64;

/**
 * Chooses the items of a context's next batch, in node-llama-cpp's terms. A prompt's chunk and the tokens that other
 * sequences write never share a batch; where both wait they alternate, written tokens first.
 *
 * llama.cpp splits a batch of both into one with a token of each and one with the rest of the chunk. Of 64 tokens that
 * leaves 63, and its attention kernel needs 64: the chunk would take half as long again and its sums would differ from
 * those it has alone, so a prompt's answer would depend on which sequences write at the same time.
 *
 * `onBatch` is called with the batch's work just before the batch is computed.
 */
export function createBatchOrder(
  onBatch: (work: 'decode' | 'prefill') => void = () => undefined,
): CustomBatchingPrioritizationStrategy {
  let chunkIsNext = false;
  return ({ items, size }) => {
    const chunks = items.filter(isChunk);
    const written = items.filter((item) => !isChunk(item));
    const isChunks = written.length === 0 || (chunks.length > 0 && chunkIsNext);
    chunkIsNext = !isChunks;
    onBatch(isChunks ? 'prefill' : 'decode');
    let left = size;
    return (isChunks ? chunks : written)
      .map((item) => {
        const processAmount = Math.min(item.tokens.length, left, isChunks ? left : longestStep);
        left -= processAmount;
        return { item, processAmount };
      })
      .filter(({ processAmount }) => processAmount > 0);
  };
}

/** A chunk's tokens ask for no probabilities. */
function isChunk({ logits }: BatchItem): boolean {
  return !logits.some(Boolean);
}
