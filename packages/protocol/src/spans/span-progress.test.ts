import { expect, test } from 'vitest';

import { sampleSpan } from '../testing.ts';
import { spanBeingRead, withSpan, type SpanProgress } from './span-progress.ts';

const spans = (...events: ReturnType<typeof sampleSpan>[]) => events.reduce<SpanProgress[]>(withSpan, []);

test('each span has its latest event, by number', () => {
  const [third, first, second] = [3, 1, 2].map((number) => sampleSpan({ number, of: 3, name: `${number}.txt` }));
  if (!third || !first || !second) throw new Error('no events');
  expect(spans(third, first, second, { ...second, processed: 4 })).toEqual([
    { name: '1.txt', number: 1, of: 3, processed: 0, cached: 0, total: 8 },
    { name: '2.txt', number: 2, of: 3, processed: 4, cached: 0, total: 8 },
    { name: '3.txt', number: 3, of: 3, processed: 0, cached: 0, total: 8 },
  ]);
});

test('the first span that is not read to its end is being read', () => {
  const read = sampleSpan({ number: 1, of: 3, processed: 8 });
  const leftOut = sampleSpan({ number: 2, of: 3, processed: 0, total: 0 });
  const begun = sampleSpan({ number: 3, of: 3, processed: 5 });
  expect(spanBeingRead(spans(read, leftOut, begun))?.number).toBe(3);
  expect(spanBeingRead(spans(read, leftOut, { ...begun, processed: 8 }))).toBeNull();
  expect(spanBeingRead([])).toBeNull();
});
