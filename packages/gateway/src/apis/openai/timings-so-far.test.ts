import type { TokenEvent } from '@headway/protocol';
import { expect, test } from 'vitest';

import { TimingsSoFar } from './timings-so-far.ts';

const token = (completionTokens: number, tokensPerSecond: number): TokenEvent => ({
  type: 'token',
  seq: completionTokens,
  index: 0,
  text: 'a',
  count: 1,
  completionTokens,
  tokensPerSecond,
  channel: 'content',
});

test('timings so far report the decode speed from the second token on', () => {
  const timings = new TimingsSoFar();
  expect(timings.at(token(1, 5_000_000))).toMatchObject({ predicted_n: 1, predicted_per_second: 0, predicted_ms: 0 });
  expect(timings.at(token(2, 50))).toMatchObject({ predicted_n: 2, predicted_per_second: 50, predicted_ms: 40 });
});
