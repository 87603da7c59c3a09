import { expect, test } from 'vitest';

import { contextOverflow, overflowOf } from './context-overflow.ts';

test.each([
  [9012, 8192, {}],
  [1_234_567, 1_000_000, { atLeast: true }],
  [63, 64, {}],
])(
  'overflowOf reads %i tokens and a context of %i from the error and from its message alone',
  (tokens, context, options) => {
    const error = contextOverflow(tokens, context, options);
    const overflow = { promptTokens: tokens, contextSize: context, ...options };
    expect(overflowOf(error)).toEqual(overflow);
    expect(overflowOf({ message: error.message })).toEqual(overflow);
  },
);

test('overflowOf returns null for a message without numbers', () => {
  expect(overflowOf({ message: 'too long' })).toBe(null);
  expect(overflowOf({ message: 'too long', cause: { promptTokens: 1 } })).toBe(null);
});
