import type { BatchItem, CustomBatchingPrioritizationStrategy } from 'node-llama-cpp';

/** Tokens of one stream in a batch. It writes one at a time; a shift of its context reads more again. */
const longestStep = 64;

/**
 * Says what goes into the next batch of a context, in node-llama-cpp's terms. A chunk of a prompt and the tokens that
 * others write never share a batch; where both wait they take turns, tokens first.
 *
 * llama.cpp would cut a batch of both into one with a token of each and one with what is left of the chunk. Of 64 tokens
 * that leaves 63, which is one too few for its attention kernel for 64 and more: the chunk would take half as long
 * again and come to other sums than it does alone, so that a prompt's answer would depend on who writes beside it.
 *
 * `onBatch` hears what the batch does, just before it is computed.
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

/** What is only read asks for no probabilities. */
function isChunk({ logits }: BatchItem): boolean {
  return !logits.some(Boolean);
}
