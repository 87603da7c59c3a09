import { expect, test } from 'vitest';

import { lineDelimitedEncoder, splitLines } from './line-delimited-encoder.ts';

test('splitLines separates the messages of one frame, also those with line breaks in their strings', () => {
  const messages = [{ id: 1, text: 'a\nb\u2028c\r' }, { id: 2 }];
  const encoded = lineDelimitedEncoder.encode(messages);
  expect(splitLines(String(encoded)).map((line) => JSON.parse(line))).toEqual(messages);
  expect(splitLines(String(lineDelimitedEncoder.encode(messages[0])))).toHaveLength(1);
});
