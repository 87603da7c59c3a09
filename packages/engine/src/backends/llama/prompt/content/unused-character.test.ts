import { expect, test } from 'vitest';

import { escapeOf, unusedCharacter } from './unused-character.ts';

test('the character is in the text neither as it is nor escaped', () => {
  expect(unusedCharacter('')).toBe('\ue000');
  expect(unusedCharacter('\ue000 and \\ue001 and \\uE002')).toBe('\ue003');
  expect(unusedCharacter('ends in \\u')).toBe('\ue000');
  expect(escapeOf('\ue003')).toBe('\\ue003');
});

test('a long text with every such character is read once', () => {
  const all = Array.from({ length: 0xf8ff - 0xe000 }, (_, at) => String.fromCharCode(0xe000 + at));
  const long = 'a'.repeat(4_000_000);
  expect(unusedCharacter(long + all.slice(0, -1).map(escapeOf).join(''))).toBe('\uf8fe');
  expect(unusedCharacter(long + all.join(''))).toBe('\ufffe');
});
