import { expect, test } from 'vitest';

import { foreignText, jsonText, terminalText } from './terminal-text.ts';

test('terminalText removes control characters and keeps line breaks and letters', () => {
  expect(terminalText('a\u001b[2J\u001b]0;title\u0007b\r\n\tc\u009b31m é 🎉')).toBe('a[2J]0;titleb\n\tc31m é 🎉');
});

test('foreignText escapes control characters so that they show', () => {
  expect(foreignText('a\u001b]0;x\u0007\n\u009b2J\u202eb é 🎉')).toBe(
    'a\\u001b]0;x\\u0007\\u000a\\u009b2J\\u202eb é 🎉',
  );
});

test('jsonText has no control characters and parses to the same value', () => {
  const value = { name: '\u001b[2J\u009b2J\u007f\u202e', list: [1] };
  expect(jsonText(value, 2)).not.toMatch(/[^\n\u0020-\u007e]/);
  expect(JSON.parse(jsonText(value))).toEqual(value);
});
