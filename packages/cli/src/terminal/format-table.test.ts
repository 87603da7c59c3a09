import { expect, test } from 'vitest';

import { formatTable } from './format-table.ts';

test('columns are as wide as a terminal shows them, and those of numbers end together', () => {
  const rows = [
    ['模型', '7', 'a'],
    ['small', '1200', '\u001b[2J'],
  ];
  expect(formatTable(['MODEL', 'TOKENS', 'NOTE'], rows)).toBe(
    'MODEL  TOKENS  NOTE\n模型        7  a\nsmall    1200  \\u001b[2J\n',
  );
});
