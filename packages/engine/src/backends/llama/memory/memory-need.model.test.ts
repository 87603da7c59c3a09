import { storytellerPath } from '@headway/storyteller';
import { expect, test } from 'vitest';

import { llama } from '../on-demand.ts';

const { signal } = new AbortController();
const unlimited = { shared: Number.POSITIVE_INFINITY, alone: Number.POSITIVE_INFINITY };

const needOf = (parallel: number, contextSize: number | null, room = unlimited) =>
  llama({ model: storytellerPath }).memoryNeed?.({ parallel, contextSize, room, signal });

test("a model's need grows with its slots and their context", async () => {
  const [small, wide, long] = await Promise.all([needOf(1, 1024), needOf(4, 1024), needOf(1, 4096)]);
  expect(small).toMatchObject({ contextSize: 1024, sizeBytes: 5_270_528 });
  // Both hold 3,072 tokens more.
  for (const larger of [wide, long]) expect(larger?.bytes).toBeGreaterThan((small?.bytes ?? 0) + 5e6);
});

test('without a set context a limit cuts it, and without a limit the model chooses', async () => {
  expect(await needOf(4, null)).toMatchObject({ contextSize: null });
  const whole = await needOf(4, 8192);
  const cut = await needOf(4, null, { shared: (whole?.bytes ?? 0) - 20e6, alone: 1e9 });
  expect(cut?.contextSize).toBeGreaterThanOrEqual(4096);
  expect(cut?.contextSize).toBeLessThan(8192);
  expect(cut?.bytes).toBeLessThanOrEqual((whole?.bytes ?? 0) - 20e6);
});

test('a file that is no model is refused with its reason', async () => {
  const model = new URL(import.meta.url).pathname;
  await expect(
    llama({ model }).memoryNeed?.({ parallel: 1, contextSize: null, room: unlimited, signal }),
  ).rejects.toMatchObject({ code: 'model-load-failed', message: expect.stringContaining('is not a GGUF file') });
});
