import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { takeFrame } from './take-frame.ts';

const half = samplePrefill({ processed: 5 });
const whole = samplePrefill({ processed: 10 });
const token = sampleToken();
const done = sampleDone();

test('takeFrame takes all events at once', () => {
  expect(takeFrame([])).toEqual([[], []]);
  expect(takeFrame([half, whole])).toEqual([[half, whole], []]);
  expect(takeFrame([token, token, done])).toEqual([[token, token, done], []]);
});

test('takeFrame gives the end of the prefill a frame to itself', () => {
  expect(takeFrame([half, whole, token, done])).toEqual([
    [half, whole],
    [token, done],
  ]);
});
