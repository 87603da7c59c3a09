import { expect, test } from 'vitest';

import { terminalText } from './terminal-text.ts';

test('what would drive the terminal is taken out, lines and letters stay', () => {
  expect(terminalText('a\u001b[2J\u001b]0;title\u0007b\r\n\tc\u009b31m é 🎉')).toBe('a[2J]0;titleb\n\tc31m é 🎉');
});
