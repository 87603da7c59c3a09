import { expect, test } from 'vitest';

import { interferenceLine } from './interference-line.ts';

const interference = { budgetMs: 80, chunkTokens: 64, chunkMs: 61.2, decodeMs: 3.14, gapMs: 1084.4 };

test('a line says what reading prompts costs other answers', () => {
  expect(interferenceLine({ interference })).toBe(
    'reading prompts delays other answers by up to 1,084 ms (64 tokens took 61 ms, budget 80 ms, a written one 3.1 ms)',
  );
  expect(interferenceLine({ interference: { ...interference, decodeMs: null } })).toMatch(/budget 80 ms\)$/);
  expect(interferenceLine({})).toBeNull();
});
