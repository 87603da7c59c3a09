import { expect, test } from 'vitest';

import { memoryFit } from './memory-fit.ts';

test('memoryFit leaves a tenth of the memory to other programs', () => {
  expect(memoryFit({ whole: 90, least: 50 }, 100)).toBe('yes');
  expect(memoryFit({ whole: 91, least: 50 }, 100)).toBe('with less context');
  expect(memoryFit({ whole: 200, least: 91 }, 100)).toBe('no');
});
