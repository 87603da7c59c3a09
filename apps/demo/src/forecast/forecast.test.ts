import type { Estimate, ModelInfo } from '@headway/client';
import { contextOverflow, HeadwayError } from '@headway/protocol';
import { expect, test } from 'vitest';

import { delayMs, outdated } from './forecast.ts';
import { forecastOf, overflowIn } from './forecast-of.ts';

const estimate: Estimate = {
  model: 'm',
  tokens: 3000,
  cached: 1000,
  queuePosition: null,
  prefillMs: 2000,
  timeToFirstTokenMs: 2020,
};

const local = { id: 'm', contextSize: 8192 } as ModelInfo;
const remote = (capabilities: object, contextSize: number | null = 8192) =>
  ({ ...local, contextSize, remote: { capabilities } }) as ModelInfo;

test('a local model tells everything exactly', () => {
  expect(forecastOf(estimate, local, 256)).toEqual({
    state: 'fits',
    tokens: 3000,
    exact: true,
    guessed: false,
    cached: 1000,
    prefillMs: 2000,
    queuePosition: null,
    contextSize: 8192,
    room: 5192,
    maxTokens: 256,
  });
});

test('what a remote model cannot tell is a guess or left out', () => {
  expect(forecastOf(estimate, remote({ tokenCounts: false, estimates: false }), null)).toMatchObject({
    exact: false,
    guessed: true,
    cached: null,
  });
  expect(forecastOf(estimate, remote({ tokenCounts: true, estimates: true }, null), null)).toMatchObject({
    exact: true,
    cached: 1000,
    contextSize: null,
    room: null,
  });
});

test('a prompt that leaves no room for an answer overflows, a guessed one perhaps', () => {
  expect(forecastOf({ ...estimate, tokens: 8190 }, local, null)).toMatchObject({ state: 'fits', room: 2 });
  expect(forecastOf({ ...estimate, tokens: 8191 }, local, null)).toMatchObject({ state: 'over', over: 1, exact: true });
  const guess = forecastOf({ ...estimate, tokens: 9000 }, remote({ tokenCounts: false, estimates: false }), null);
  expect(guess).toMatchObject({ state: 'over', over: 810, exact: false, guessed: true });
});

test('an overflow is read from the gateway’s error', () => {
  expect(overflowIn(contextOverflow(9390, 8192))).toEqual({
    state: 'over',
    tokens: 9390,
    exact: true,
    guessed: false,
    current: true,
    contextSize: 8192,
    over: 1200,
    atLeast: false,
  });
  expect(overflowIn(contextOverflow(90_000, 8192, { atLeast: true }))).toMatchObject({ atLeast: true });
  expect(overflowIn(new HeadwayError('queue-full', 'full'))).toBe(null);
});

test('the forecast of another text is not exact', () => {
  const grew = { grew: true };
  expect(outdated(forecastOf(estimate, local, null), grew)).toMatchObject({
    tokens: 3000,
    exact: false,
    guessed: false,
  });
  expect(outdated({ state: 'none' }, grew)).toEqual({ state: 'none' });
});

test('an overflow stays one until the text becomes shorter', () => {
  const over = forecastOf({ ...estimate, tokens: 9000 }, local, null);
  expect(outdated(over, { grew: true })).toMatchObject({ state: 'over', exact: false, current: true });
  expect(outdated(over, { grew: false })).toMatchObject({ state: 'over', current: false });
});

test('the longer a prompt, the rarer the questions', () => {
  const delays = [10, 50_000, 4_000_000].map(delayMs);
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(new Set(delays).size).toBe(3);
});
