import { expect, test } from 'vitest';

import { memoryInUse } from './memory-in-use.ts';
import { tooLarge } from './too-large.ts';

test('what was measured replaces what was expected, on the CPU', () => {
  expect(memoryInUse({ measured: 80, expected: 100, device: 'cpu' })).toBe(80);
  expect(memoryInUse({ measured: 120, expected: 100, device: 'cpu' })).toBe(120);
  expect(memoryInUse({ measured: null, expected: 100, device: null })).toBe(100);
});

test("beside a GPU's memory, which is not measured, the expectation stands", () => {
  expect(memoryInUse({ measured: 80, expected: 100, device: 'cuda' })).toBe(100);
  expect(memoryInUse({ measured: 120, expected: 100, device: 'cuda' })).toBe(120);
});

test('a model that fits nowhere is refused with what is missing', () => {
  expect(tooLarge('qwen', 5.2e9, 4e9)).toMatchObject({
    code: 'model-load-failed',
    message:
      'model: qwen needs about 5.2 GB, which is 1.2 GB more than the limit of 4.0 GB; raise --memory, or use a smaller --ctx, fewer --parallel slots or a smaller model',
  });
});
