import { expect, test } from 'vitest';

import { isHeadwayError } from '../../../errors/headway-error.ts';
import { parse } from '../../parse.ts';
import { generateRequest } from '../generate-request.ts';

const refusal = (value: unknown): string => {
  try {
    parse(generateRequest, value);
  } catch (thrown) {
    if (isHeadwayError(thrown) && thrown.code === 'invalid-request') return thrown.message;
    throw thrown;
  }
  return 'accepted';
};

const span = (start: number, end: number, rest: object = {}) => ({ name: 'a.txt', start, end, ...rest });
const raw = (...spans: object[]) => refusal({ prompt: '0123456789', spans });
const parts = [
  { type: 'text', text: 'three' },
  { type: 'text', text: 'four!' },
];
const chat = (...spans: object[]) =>
  refusal({
    messages: [
      { role: 'system', content: 'one' },
      { role: 'user', content: 'naïve 👩' },
      { role: 'user', content: parts },
    ],
    spans,
  });

test('spans of a text and of messages are accepted up to both ends', () => {
  expect(raw()).toBe('accepted');
  expect(raw(span(0, 3), span(3, 10))).toBe('accepted');
  // The last message, whose parts are joined.
  expect(chat(span(0, 10))).toBe('accepted');
  expect(chat(span(0, 3, { message: 0 }), span(6, 8, { message: 1 }), span(0, 5), span(5, 10))).toBe('accepted');
  expect(raw(...Array.from({ length: 10 }, (_, at) => span(at, at + 1)))).toBe('accepted');
});

test.each([
  [raw(span(3, 3)), 'spans[0].end: must be more than spans[0].start, which is 3'],
  [raw(span(0, 11)), 'spans[0].end: is past the end of prompt, which has 10 UTF-16 code units; send 10 at most'],
  [raw(span(0, 1, { message: 0 })), 'spans[0].message: is an index of messages; remove it'],
  [raw(span(0, 4), span(3, 5)), 'spans[1].start: is before the end of spans[0]; send spans in order, without overlap'],
  [
    chat(span(0, 9, { message: 1 })),
    'spans[0].end: is past the end of messages[1].content, which has 8 UTF-16 code units; send 8 at most',
  ],
  [chat(span(0, 1, { message: 3 })), 'spans[0].message: is 3, but the last of the messages is 2; send its index'],
  [
    chat(span(0, 1), span(1, 2, { message: 0 })),
    'spans[1].start: is before the end of spans[0]; send spans in order, without overlap',
  ],
  [raw(span(0, 1, { name: '' })), 'spans[0].name: is empty; send the name to show'],
  [raw(span(0, 1, { name: 'x'.repeat(257) })), 'spans[0].name: must have at most 256 characters'],
  [raw(span(-1, 1)), 'spans[0].start: must be at least 0'],
  [raw(span(0.5, 1)), 'spans[0].start: must be a whole number'],
  [raw(span(0, 1, { title: 'a' })), 'spans[0].title: unknown field; remove it'],
  [raw(...Array.from({ length: 257 }, (_, at) => span(at, at + 1))), 'spans: must have at most 256 entries'],
  [refusal({ prompt: 'x', spans: 'a.txt' }), 'spans: must be an array, not a string'],
])('%s', (found, expected) => {
  expect(found).toBe(expected);
});
