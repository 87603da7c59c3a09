import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';
import { expect, it } from 'vitest';

import { openMemoryLock } from './memory-lock.ts';

const othersGoOn = () => new Promise((resolve) => setImmediate(resolve));

it('memory changes that read tokens run at the same time, before any other batch', async () => {
  const log: string[] = [];
  const context = {
    async _decodeTokens({ sequenceId }: { sequenceId: number }) {
      await othersGoOn();
      log.push(`batch of ${sequenceId}`);
    },
  };
  // node-llama-cpp does this where it must restore a checkpoint: it waits for the context, then reads again.
  const sequences = [0, 1].map((id) => ({
    _sequenceId: id,
    async _eraseContextTokenRanges() {
      await othersGoOn();
      await context._decodeTokens({ sequenceId: id });
      log.push(`changed ${id}`);
    },
    _copyStateFromOtherSequence: () => Promise.resolve(),
    takeCheckpoint: () => Promise.resolve(),
  }));
  openMemoryLock(context as unknown as LlamaContext, sequences as unknown as LlamaContextSequence[]);
  const changes = sequences.map((sequence) => sequence._eraseContextTokenRanges());
  await Promise.all([...changes, context._decodeTokens({ sequenceId: 2 })]);
  expect(log).toHaveLength(5);
  expect(log.at(-1)).toBe('batch of 2');
});
