import { expect, test } from 'vitest';

import type { FittingPrompt } from './forecast.ts';
import {
  documentTokensText,
  forecastFacts,
  meterLabel,
  meterParts,
  meterText,
  meterTime,
  overflowWords,
  tightWords,
  tooLargeWords,
} from './forecast-words.ts';
import { over } from './over.fixture.ts';

const fits: FittingPrompt = {
  state: 'fits',
  tokens: 3021,
  exact: true,
  guessed: false,
  cached: 1200,
  prefillMs: 1900,
  queuePosition: null,
  contextSize: 8192,
  room: 5171,
  maxTokens: null,
};

test('the meter tells a count, and a guess as a guess', () => {
  expect(meterText(fits)).toBe('3,021 of 8,192');
  expect(meterText({ ...fits, exact: false })).toBe('about 3,000 of 8,192');
  expect(meterText({ ...fits, contextSize: null, room: null })).toBe('3,021 tokens');
  expect(meterText(over)).toBe('9,390 of 8,192');
  expect(meterText({ ...over, atLeast: true })).toBe('over 9,300 of 8,192');
  expect(meterText({ state: 'counting' })).toBe('Counting tokens');
  expect(meterText({ state: 'none' })).toBe(null);
});

test('the meter’s name has the reading time where it is known', () => {
  expect(meterLabel(fits)).toBe('Prompt: 3,021 of 8,192 tokens of context, about 2 s to read');
  expect(meterLabel({ ...fits, prefillMs: null, contextSize: null, room: null })).toBe('Prompt: 3,021 tokens');
});

test('a reading time of a second or more stands beside the count', () => {
  expect(meterTime(fits)).toBe('2 s to read');
  expect(meterTime({ ...fits, prefillMs: 900 })).toBe(null);
  expect(meterTime({ ...fits, prefillMs: null })).toBe(null);
});

test('the bar’s parts are shares of the context, and together never more than it', () => {
  expect(meterParts({ ...fits, tokens: 4096, cached: 1024, room: 4096, maxTokens: 2048 })).toEqual({
    cached: 0.125,
    fresh: 0.375,
    answer: 0.25,
  });
  const full = meterParts({ ...fits, tokens: 8000, room: 192, maxTokens: 4096 });
  expect((full?.cached ?? 0) + (full?.fresh ?? 0) + (full?.answer ?? 0)).toBeCloseTo(1);
  expect(meterParts(over)).toEqual({ cached: 0, fresh: 1, answer: 0 });
  expect(meterParts({ ...fits, contextSize: null, room: null })).toBe(null);
});

test('the details name what is known, and leave out the rest', () => {
  expect(forecastFacts({ ...fits, queuePosition: 2, maxTokens: 256 })).toEqual([
    ['Whole prompt', '3,021 tokens'],
    ['From cache', '1,200 tokens'],
    ['To read', '1,821 tokens'],
    ['Reading time', 'about 2 s'],
    ['Queue', 'place 2 if sent now'],
    ['Room for the answer', '5,171 tokens, of which it may take 256'],
    ['Context of the model', '8,192 tokens'],
  ]);
  const unknown = { ...fits, exact: false, cached: null, prefillMs: null, contextSize: null, room: null };
  expect(forecastFacts(unknown)).toEqual([
    ['Whole prompt', 'about 3,000 tokens'],
    ['Context of the model', 'not told by its server'],
  ]);
});

const document = (name: string, tokens: number) => ({ name, count: { tokens, exact: true } });

test('an overflow says by how much, and what would help', () => {
  const words = (documents: ReturnType<typeof document>[], hasHistory = false) =>
    overflowWords(over, { documents, hasHistory });
  expect(words([])).toBe('This is about 1,200 tokens more than the model’s 8,192. Shorten the message.');
  expect(words([], true)).toContain('Shorten the message, or start a new chat.');
  expect(words([document('a', 9000)])).toContain('Attach a part of the document.');
  expect(words([document('a', 5000), document('b', 1300), document('c', 900)])).toContain(
    'Without “b” it fits; or shorten the message.',
  );
  expect(words([document('a', 500), document('b', 900)])).toContain('Remove documents.');
  expect(overflowWords({ ...over, atLeast: true }, { documents: [], hasHistory: false })).toContain('at least 1,200');
  const documents = [document('a', 6000), document('b', 5000)];
  expect(overflowWords({ ...over, over: 400, atLeast: true }, { documents, hasHistory: false })).toBe(
    'This is at least 2,900 tokens more than the model’s 8,192. Without “b” it may fit; or shorten the message.',
  );
  expect(overflowWords({ ...over, guessed: true }, { documents: [], hasHistory: false })).toContain(
    '8,192, by a guess.',
  );
});

test('little room for an answer is told, unless the answer needs no more', () => {
  expect(tightWords(fits)).toBe(null);
  expect(tightWords({ ...fits, room: 90 })).toBe(
    'The answer will be cut off: only 90 tokens of the context are left for it.',
  );
  expect(tightWords({ ...fits, room: 90, maxTokens: 64 })).toBe(null);
  expect(tightWords({ ...fits, room: 90, guessed: true })).toBe(null);
});

test('a request that is too large is told in bytes', () => {
  expect(tooLargeWords({ bytes: 5_000_000, maxBytes: 4_194_304 }, false)).toBe(
    'This chat has 5.0 MB, and a request can have 4.2 MB. Attach less.',
  );
});

test('a document’s tokens are told with two digits', () => {
  expect([1, 88, 1234].map((tokens) => documentTokensText({ tokens, exact: true }))).toEqual([
    '1 token',
    '88 tokens',
    'about 1,200 tokens',
  ]);
  expect(documentTokensText({ tokens: 8690, exact: true, atLeast: true })).toBe('over 8,600 tokens');
});
