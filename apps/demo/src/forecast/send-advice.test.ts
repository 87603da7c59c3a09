import { expect, test } from 'vitest';

import { textDocument } from '../documents/text-document.ts';
import type { Forecast } from './forecast.ts';
import { over } from './over.fixture.ts';
import { sendAdvice } from './send-advice.ts';

const documents = [textDocument('a', 'A'), textDocument('b', 'B')];
const documentTokens = new Map([[documents[1]?.id ?? '', { tokens: 5000, exact: true }]]);

const advise = (forecast: Forecast, readings: unknown[] = []) =>
  sendAdvice({ forecast: { forecast, documentTokens }, documents, readings, hasHistory: false });

test('an overflow is told and refused, with the document whose removal helps', () => {
  const advice = 'This is about 1,200 tokens more than the model’s 8,192. Without “b” it fits; or shorten the message.';
  expect(advise(over)).toEqual({ advice, refusal: advice });
});

test('an overflow by a guess, or of a text that is shorter now, is told and not refused', () => {
  for (const unsure of [{ guessed: true }, { current: false }]) {
    const { advice, refusal } = advise({ ...over, ...unsure });
    expect(advice).toContain('1,200 tokens more');
    expect(refusal).toBe(null);
  }
});

test('a message without a forecast can be sent, unless its files are still being read', () => {
  expect(advise({ state: 'none' })).toEqual({ advice: null, refusal: null });
  expect(advise({ state: 'counting' }, [1])).toEqual({ advice: null, refusal: 'The files are still being read.' });
});

test('a request that is too large is refused', () => {
  expect(advise({ state: 'too-large', bytes: 5e6, maxBytes: 4e6 }).refusal).toContain('a request can have 4.0 MB');
});
