import { expect, test } from 'vitest';

import { openLog } from './log.ts';

test('what is logged of others is JSON that does nothing to a terminal', () => {
  const said = '\u001b]0;owned\u0007\u009b2J\u202e';
  const lines: string[] = [];
  openLog('info', { write: (line) => lines.push(line) }).info({ said }, 'said');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({ said, msg: 'said' });
  // oxlint-disable-next-line no-control-regex -- they are what this is about
  expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
