import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';

/** What is used of node-llama-cpp's inside. The test "waits for no stream's end" fails when one of them changes. */
interface ContextInside {
  _decodeTokens(item: { sequenceId: number }, ...rest: unknown[]): Promise<unknown>;
}
interface SequenceInside {
  readonly _sequenceId: number;
  _eraseContextTokenRanges(...args: unknown[]): Promise<unknown>;
  _copyStateFromOtherSequence(...args: unknown[]): Promise<unknown>;
  takeCheckpoint(): Promise<void>;
}

/**
 * Lets work on the memory of a context's sequences (cutting, emptying, copying, checkpoints) come between two batches.
 *
 * node-llama-cpp makes them wait until nothing is left to decode. Two streams that write out of step always leave
 * something, so that a prompt in a slot with other tokens in it would wait until one of them ends. While a sequence waits
 * to be changed, the others' next batches wait for it here.
 */
export function openMemoryGate(context: LlamaContext, sequences: readonly LlamaContextSequence[]): void {
  const changing = new Map<number, number>();
  let changed: (() => void)[] = [];
  // A change may read tokens again itself: two of them must not wait for each other.
  const isShutFor = (id: number) => changing.size > 0 && !changing.has(id);

  const inside = context as unknown as ContextInside;
  const decode = inside._decodeTokens.bind(context);
  inside._decodeTokens = async (item, ...rest) => {
    while (isShutFor(item.sequenceId)) await new Promise<void>((resolve) => changed.push(resolve));
    return decode(item, ...rest);
  };

  for (const sequence of sequences as unknown as SequenceInside[]) {
    const id = sequence._sequenceId;
    const first = <Result>(change: (...args: unknown[]) => Promise<Result>) => {
      return async (...args: unknown[]): Promise<Result> => {
        changing.set(id, (changing.get(id) ?? 0) + 1);
        try {
          return await change(...args);
        } finally {
          const left = (changing.get(id) ?? 1) - 1;
          if (left > 0) changing.set(id, left);
          else changing.delete(id);
          const waiting = changed;
          changed = [];
          for (const resolve of waiting) resolve();
        }
      };
    };
    sequence._eraseContextTokenRanges = first(sequence._eraseContextTokenRanges.bind(sequence));
    sequence._copyStateFromOtherSequence = first(sequence._copyStateFromOtherSequence.bind(sequence));
    sequence.takeCheckpoint = first(sequence.takeCheckpoint.bind(sequence));
  }
}
