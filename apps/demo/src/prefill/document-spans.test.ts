import { expect, test } from 'vitest';

import { documentSpans } from './document-spans.ts';

const span = (number: number) => ({ name: 'same name', number, of: 3, processed: 1, cached: 0, total: 2 });

test('each document has the span of its place; one without text has none', () => {
  const documents = [{ text: 'one' }, { text: ' \n' }, { text: 'two' }, { text: 'three' }];
  const numbers = (spans: number[]) => documentSpans(documents, spans.map(span)).map((found) => found?.number);
  expect(numbers([1, 2, 3])).toEqual([1, undefined, 2, 3]);
  expect(numbers([2])).toEqual([undefined, undefined, 2, undefined]);
  expect(numbers([])).toEqual([undefined, undefined, undefined, undefined]);
});
