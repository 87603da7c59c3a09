import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';

/**
 * The part of node-llama-cpp's private interface that this file uses. The model test of this file fails when it
 * changes.
 */
interface PrivateContext {
  _decodeTokens(item: { sequenceId: number }, ...rest: unknown[]): Promise<unknown>;
}
interface PrivateSequence {
  readonly _sequenceId: number;
  _eraseContextTokenRanges(...args: unknown[]): Promise<unknown>;
  _copyStateFromOtherSequence(...args: unknown[]): Promise<unknown>;
  takeCheckpoint(): Promise<void>;
}

/**
 * Runs memory changes of a context's sequences (cutting, emptying, copying, checkpoints) between two batches.
 *
 * node-llama-cpp runs a change only when nothing is left to decode. Two streams that write out of step always leave
 * something, so a prompt whose slot holds other tokens would wait until one of them ends. With the lock, the other
 * sequences' next batches wait while a change is pending.
 */
export function openMemoryLock(context: LlamaContext, sequences: readonly LlamaContextSequence[]): void {
  const changing = new Map<number, number>();
  let changed: (() => void)[] = [];
  // A change may itself read tokens; two changes must not wait for each other.
  const isLockedFor = (id: number) => changing.size > 0 && !changing.has(id);

  const inside = context as unknown as PrivateContext;
  const decode = inside._decodeTokens.bind(context);
  inside._decodeTokens = async (item, ...rest) => {
    while (isLockedFor(item.sequenceId)) await new Promise<void>((resolve) => changed.push(resolve));
    return decode(item, ...rest);
  };

  for (const sequence of sequences as unknown as PrivateSequence[]) {
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
