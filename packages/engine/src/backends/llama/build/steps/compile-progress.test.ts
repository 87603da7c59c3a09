import { expect, test } from 'vitest';

import { compileProgress } from './compile-progress.ts';

test.each([
  ['[12/148] Building CXX object a.o', 12 / 148],
  ['[148/148] Linking CXX shared module llama-addon.node', 1],
  ['[ 45%] Building C object b.o', 0.45],
  ['[100%] Built target llama-addon', 1],
  ['warning: [12/148] in the middle', null],
  ['[0/0] Re-checking globbed directories', null],
])('%j is the progress %s', (line, share) => {
  expect(compileProgress(line)).toBe(share);
});
