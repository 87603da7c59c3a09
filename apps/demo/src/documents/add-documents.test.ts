import { expect, test } from 'vitest';

import { addDocuments, maxDocuments } from './add-documents.ts';
import { textDocument } from './text-document.ts';

const a = textDocument('a.txt', 'A');
const limit = 100_000;

test('documents are added in order', () => {
  const added = [textDocument('c', 'C'), textDocument('b', 'B')];
  expect(addDocuments([a], added, limit)).toEqual({ documents: [a, ...added], told: [] });
});

test('a text that is attached already is left out, and told', () => {
  const again = textDocument('a.txt', 'A');
  const copy = textDocument('copy of a.txt', 'A');
  expect(addDocuments([a], [again, copy], limit)).toEqual({
    documents: [a],
    told: ['“a.txt” is attached already.', '“copy of a.txt” has the same text as “a.txt”, so it was left out.'],
  });
  const twice = addDocuments([], [a, copy], limit);
  expect(twice.documents).toEqual([a]);
});

test('another text under the same name gets a number, and both are told apart', () => {
  const others = ['B', 'C'].map((text) => textDocument('a.txt', text));
  const { documents, told } = addDocuments(
    [a],
    [...others, textDocument('src/.env', '1'), textDocument('src/.env', '2')],
    limit,
  );
  expect(documents.map(({ name }) => name)).toEqual(['a.txt', 'a (2).txt', 'a (3).txt', 'src/.env', 'src/.env (2)']);
  expect(told[0]).toBe('There is another “a.txt” already: this one is “a (2).txt” now.');
});

test('a message has a bounded number of documents', () => {
  const many = Array.from({ length: maxDocuments + 2 }, (_, at) => textDocument(`${at}.txt`, `${at}`));
  const { documents, told } = addDocuments([], many, limit);
  expect(documents).toHaveLength(200);
  expect(told).toEqual(['A message can have 200 documents. Left out: “200.txt” and “201.txt”.']);
});

test('a message has a bounded size, and a smaller document may still fit', () => {
  const big = textDocument('big.txt', 'x'.repeat(60));
  const { documents, told } = addDocuments(
    [a, big],
    [textDocument('b.txt', 'y'.repeat(60)), textDocument('c', 'C')],
    100,
  );
  expect(documents.map(({ name }) => name)).toEqual(['a.txt', 'big.txt', 'c']);
  expect(told).toEqual([
    'A message can have 100 bytes of text in all. Left out: “b.txt”. Attach parts of the documents.',
  ]);
});
