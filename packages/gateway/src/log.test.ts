import { expect, test } from 'vitest';

import { openLog } from './log.ts';

test('the log escapes control characters that a terminal would obey', () => {
  const said = '\u001b]0;owned\u0007\u009b2J\u202e';
  const lines: string[] = [];
  openLog('info', { write: (line) => lines.push(line) }).info({ said }, 'said');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({ said, msg: 'said' });
  // oxlint-disable-next-line no-control-regex -- the test looks for control characters
  expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
