import type { BatchItem, Work } from './batch-item.ts';

/** An item and what earlier batches did of it. */
export interface WaitingItem {
  readonly item: BatchItem;
  /** The first token that is not evaluated yet. */
  from: number;
  /** What was drawn so far. */
  readonly drawn: unknown[];
}

export interface BatchPart {
  waiting: WaitingItem;
  /** How many of the item's next tokens the batch evaluates. */
  count: number;
}

export interface ChosenBatch {
  work: Work;
  parts: BatchPart[];
}

/** Most tokens of one answer in a batch. An answer writes one at a time; speculative decoding evaluates a few more. */
const longestStep = 64;

/**
 * Chooses the next batch from the waiting items; null without items. A prompt's chunk and the tokens that other
 * sequences write never share a batch; where both wait they alternate, `last` being the work of the batch before.
 *
 * llama.cpp splits a batch of both into one with a token of each and one with the rest of the chunk. Of 64 tokens that
 * leaves 63, and its attention kernel needs 64: the chunk would take half as long again and its sums would differ from
 * those it has alone, so a prompt's answer would depend on which sequences write at the same time.
 *
 * Sequences come in the order of their ids: llama.cpp computes only a run of consecutive ids at once
 * (`llama_batch_allocr::split_equal`), and reads all weights again for the next run.
 *
 * @param size most tokens of a batch
 */
export function chooseBatch(items: readonly WaitingItem[], size: number, last: Work): ChosenBatch | null {
  const chunks = items.filter(({ item }) => item.work === 'prefill');
  const written = items.filter(({ item }) => item.work === 'decode');
  const isPrefill = written.length === 0 || (chunks.length > 0 && last === 'decode');
  const parts: BatchPart[] = [];
  let left = size;
  for (const waiting of (isPrefill ? chunks : written).toSorted(bySequence)) {
    const count = Math.min(waiting.item.tokens.length - waiting.from, left, isPrefill ? left : longestStep);
    if (count <= 0) break;
    left -= count;
    parts.push({ waiting, count });
  }
  return parts.length === 0 ? null : { work: isPrefill ? 'prefill' : 'decode', parts };
}

function bySequence(a: WaitingItem, b: WaitingItem): number {
  return a.item.sequenceId - b.item.sequenceId;
}
