import { describe, expect, test } from 'vitest';

import type { GenerationEvent } from '../schema/events/event.ts';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import {
  firstSummaryState,
  msToNextSummary,
  nextSummaryState,
  tellSummary,
  type SummarisedRequest,
} from './summary-state.ts';

/** The summary after events that all came at 0, made at `now`. */
function summaryOf(events: GenerationEvent[], request: SummarisedRequest = { choices: 2, maxTokens: 40 }, now = 0) {
  const state = events.reduce((before, event) => nextSummaryState(before, event, 0), firstSummaryState(request));
  return tellSummary(state, now)[0];
}

const states = (...parameters: Parameters<typeof summaryOf>) =>
  summaryOf(...parameters).answers.map(({ state }) => state);

const { timings, usage } = sampleDone();
const read = samplePrefill({ processed: 10 });
const first = sampleToken({ completionTokens: 8, tokensPerSecond: 40 });
const second = sampleToken({ index: 1, completionTokens: 5, tokensPerSecond: 25 });

describe('a summary', () => {
  test('has a row for each choice that was asked for, before any of them has begun', () => {
    expect(summaryOf([samplePrefill({ phase: 'queued', queuePosition: 1 })])).toEqual({
      type: 'summary',
      tokensPerSecond: null,
      answers: [0, 1].map((index) => ({
        index,
        state: 'queued',
        outcome: null,
        completionTokens: 0,
        maxTokens: 40,
        tokensPerSecond: null,
      })),
    });
  });

  test('has each choice in its own phase: the prompt’s until its own first token', () => {
    expect(states([samplePrefill({ phase: 'loading' })])).toEqual(['loading', 'loading']);
    expect(states([samplePrefill({ phase: 'loading' }), read])).toEqual(['prefill', 'prefill']);
    expect(states([read, second])).toEqual(['prefill', 'decode']);
    expect(states([read, first, second])).toEqual(['decode', 'decode']);
  });

  test('has tokens and rate of each choice, and adds up the rates of those that are written', () => {
    const { answers, tokensPerSecond } = summaryOf([read, first, second]);
    expect(answers).toMatchObject([
      { completionTokens: 8, tokensPerSecond: 40 },
      { completionTokens: 5, tokensPerSecond: 25 },
    ]);
    expect(tokensPerSecond).toBe(65);
  });

  test('has no rate before a token has one', () => {
    const { answers, tokensPerSecond } = summaryOf([read, sampleToken({ tokensPerSecond: 0 })]);
    expect(answers[0]).toMatchObject({ state: 'decode', completionTokens: 1, tokensPerSecond: null });
    expect(tokensPerSecond).toBeNull();
  });

  test('no longer counts a choice that has ended in the rate of all, and gives its average', () => {
    const done = sampleDone({
      remaining: 1,
      finishReason: 'length',
      usage: { ...usage, completionTokens: 40 },
      timings: { ...timings, decodeTokensPerSecond: 39 },
    });
    const { answers, tokensPerSecond } = summaryOf([read, first, second, done]);
    expect(answers).toMatchObject([
      { state: 'done', outcome: 'length', completionTokens: 40, tokensPerSecond: 39 },
      { state: 'decode', outcome: null, completionTokens: 5, tokensPerSecond: 25 },
    ]);
    expect(tokensPerSecond).toBe(25);
    expect(summaryOf([read, first, second, done, sampleDone({ index: 1 })]).tokensPerSecond).toBeNull();
  });

  test('keeps the last rate of a choice whose end has none', () => {
    const cancelled = sampleDone({
      finishReason: 'cancelled',
      usage: { ...usage, completionTokens: 8 },
      timings: { ...timings, decodeTokensPerSecond: null },
    });
    const row = { state: 'done', outcome: 'cancelled', completionTokens: 8, tokensPerSecond: 40 };
    expect(summaryOf([read, first, cancelled], { choices: 1 }).answers).toMatchObject([row]);
  });

  test('tells which choice failed, and leaves the others as they are', () => {
    const failed = sampleError({
      index: 0,
      code: 'upstream-failed',
      remaining: 1,
      usage: { ...usage, completionTokens: 8 },
    });
    expect(summaryOf([read, first, second, failed])).toMatchObject({
      answers: [
        { state: 'error', outcome: 'upstream-failed', completionTokens: 8, tokensPerSecond: 40 },
        { state: 'decode', outcome: null, completionTokens: 5, tokensPerSecond: 25 },
      ],
      tokensPerSecond: 25,
    });
  });

  test('of a refused request tells the same error of all choices', () => {
    const { answers } = summaryOf([sampleError({ code: 'queue-full', remaining: 0 })]);
    expect(answers.map(({ state, outcome }) => [state, outcome])).toEqual([
      ['error', 'queue-full'],
      ['error', 'queue-full'],
    ]);
  });

  test('learns of choices from the events when the request is unknown', () => {
    const unknown: SummarisedRequest = {};
    expect(states([read, first], unknown)).toEqual(['decode']);
    expect(states([read, sampleToken({ index: 2 })], unknown)).toEqual(['prefill', 'prefill', 'decode']);
    expect(states([read, first, sampleDone({ remaining: 3 })], unknown)).toEqual([
      'done',
      'prefill',
      'prefill',
      'prefill',
    ]);
    expect(summaryOf([read, first], unknown).answers[0]?.maxTokens).toBeNull();
  });

  test('drops a rate that silence has made untrue: after 2 s, or twice the time of a token', () => {
    const slow = sampleToken({ index: 1, tokensPerSecond: 0.5 });
    const rates = (now: number) => {
      const { answers, tokensPerSecond } = summaryOf([read, first, slow], {}, now);
      return [...answers.map((answer) => answer.tokensPerSecond), tokensPerSecond];
    };
    expect(rates(1999)).toEqual([40, 0.5, 40.5]);
    expect(rates(2000)).toEqual([null, 0.5, 0.5]);
    expect(rates(3999)).toEqual([null, 0.5, 0.5]);
    expect(rates(4000)).toEqual([null, null, null]);
  });
});

describe('the next summary', () => {
  const everyMs = 200;
  const empty = firstSummaryState({ choices: 2 });
  /** The state after events at a time, and a summary at that time. */
  const told = (at: number, ...events: GenerationEvent[]) =>
    tellSummary(
      events.reduce((before, event) => nextSummaryState(before, event, at), empty),
      at,
    )[1];

  test('is due with the first event and not before', () => {
    expect(msToNextSummary(empty, 5000, everyMs)).toBeNull();
    const queued = samplePrefill({ phase: 'queued', queuePosition: 1 });
    expect(msToNextSummary(nextSummaryState(empty, queued, 0), 0, everyMs)).toBe(0);
  });

  test('is due `everyMs` after the last one, if something has changed since', () => {
    const state = nextSummaryState(told(1000, read), first, 1050);
    expect(msToNextSummary(state, 1050, everyMs)).toBe(150);
    expect(msToNextSummary(state, 1200, everyMs)).toBe(0);
    expect(msToNextSummary(state, 1300, everyMs)).toBe(0);
  });

  test('is not due while nothing in it has changed', () => {
    const before = told(1000, samplePrefill());
    const after = [2, 5, 10].reduce(
      (state, processed) => nextSummaryState(state, samplePrefill({ processed }), 2000),
      before,
    );
    expect(after).toBe(before);
    expect(msToNextSummary(after, 3000, everyMs)).toBeNull();
  });

  test('is due when a rate stops being true, and then no more', () => {
    const writing = told(1000, read, first);
    expect(msToNextSummary(writing, 1000, everyMs)).toBe(2000);
    const [summary, silent] = tellSummary(writing, 3000);
    expect(summary.tokensPerSecond).toBeNull();
    expect(msToNextSummary(silent, 3000, everyMs)).toBeNull();
    expect(tellSummary(nextSummaryState(silent, first, 9000), 9000)[0].tokensPerSecond).toBe(40);
  });

  test('is never due once all choices have ended', () => {
    const ended = told(1000, read, first, second, sampleDone({ remaining: 1 }), sampleDone({ index: 1 }));
    expect(msToNextSummary(ended, 9000, everyMs)).toBeNull();
  });
});
