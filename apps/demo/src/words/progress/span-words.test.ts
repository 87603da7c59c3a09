import { expect, test } from 'vitest';

import { currentSpan, spanPercent } from './span-words.ts';

const span = (number: number, processed: number) => ({
  name: `${number}.pdf`,
  number,
  of: 7,
  processed,
  cached: 0,
  total: 100,
});

test('the document that is read is the last one begun, also between two documents', () => {
  expect(currentSpan([])).toBeNull();
  expect(currentSpan([span(1, 0)])).toBeNull();
  expect(currentSpan([span(1, 100), span(2, 40), span(3, 0)])?.number).toBe(2);
  expect(currentSpan([span(1, 100), span(2, 100)])?.number).toBe(2);
});

test('only a document that is read to its end has 100 percent', () => {
  expect([span(1, 0), span(1, 99), { processed: 999, total: 1000 }, span(1, 100)].map(spanPercent)).toEqual([
    0, 99, 99, 100,
  ]);
});
