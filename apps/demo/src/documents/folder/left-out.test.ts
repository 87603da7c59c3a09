import { expect, test } from 'vitest';

import { leftOutWords } from './left-out.ts';

test('what a folder left out is one sentence', () => {
  expect(leftOutWords('p', { skipped: [], notText: [], more: false }, 200)).toBe(null);
  expect(leftOutWords('p', { skipped: ['.git', 'node_modules', '.git'], notText: [], more: false }, 200)).toBe(
    'Left out of “p”: “.git” and “node_modules”.',
  );
  expect(leftOutWords('p', { skipped: ['.env'], notText: ['a.png'], more: true }, 200)).toBe(
    'Left out of “p”: “.env”; 1 file without text (“a.png”); what came after the first 200 files.',
  );
});
