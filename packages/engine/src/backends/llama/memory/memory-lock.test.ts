import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';
import { expect, it } from 'vitest';

import { openMemoryGate } from './memory-lock.ts';

const othersGoOn = () => new Promise((resolve) => setImmediate(resolve));

it('lets changes that read something again come to their end beside each other, before any other batch', async () => {
  const log: string[] = [];
  const context = {
    async _decodeTokens({ sequenceId }: { sequenceId: number }) {
      await othersGoOn();
      log.push(`batch of ${sequenceId}`);
    },
  };
  // As node-llama-cpp does where it can only go back to a checkpoint: it waits for the context, and then reads again.
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
  openMemoryGate(context as unknown as LlamaContext, sequences as unknown as LlamaContextSequence[]);
  const changes = sequences.map((sequence) => sequence._eraseContextTokenRanges());
  await Promise.all([...changes, context._decodeTokens({ sequenceId: 2 })]);
  expect(log).toHaveLength(5);
  expect(log.at(-1)).toBe('batch of 2');
});
