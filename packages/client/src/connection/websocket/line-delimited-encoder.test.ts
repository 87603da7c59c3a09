import { expect, test } from 'vitest';

import { encodeOnePerLine, linesOf } from './line-delimited-encoder.ts';

test('messages that tRPC sends together are parted again, line breaks in them included', () => {
  const messages = [{ id: 1, text: 'a\nb\u2028c\r' }, { id: 2 }];
  const encoded = encodeOnePerLine.encode(messages);
  expect(linesOf(String(encoded)).map((line) => JSON.parse(line))).toEqual(messages);
  expect(linesOf(String(encodeOnePerLine.encode(messages[0])))).toHaveLength(1);
});
