import { expect, test } from 'vitest';

import { inOtherForm, messageWithDocuments, pastedDocument, textDocument } from './text-document.ts';

const a = textDocument('a.txt', 'A');
const b = textDocument('b.txt', 'B 📄\n');

test('a message begins with its documents, several of them under their names', () => {
  expect(messageWithDocuments('Why?', []).content).toBe('Why?');
  expect(messageWithDocuments('Why?', [a]).content).toBe('A\n\nWhy?');
  expect(messageWithDocuments('', [a]).content).toBe('A');
  expect(messageWithDocuments('Why?', [a, b]).content).toBe('a.txt\n\nA\n\nb.txt\n\nB 📄\n\n\nWhy?');
});

test.each([
  ['one document', '', [a]],
  ['one document and a question', 'Why?', [b]],
  ['several documents', 'Why?', [b, a, textDocument('c.md', 'b.txt\n\nB'), b]],
  ['several documents without a question', '', [a, b]],
])('the spans of %s hold exactly the documents’ texts, in order', (_what, text, documents) => {
  const { content, spans } = messageWithDocuments(text, documents);
  expect(spans.map(({ start, end }) => content.slice(start, end))).toEqual(documents.map((one) => one.text));
  expect(spans.map(({ name }) => name)).toEqual(documents.map((one) => one.name));
  for (const [at, { start }] of spans.entries()) expect(start).toBeGreaterThanOrEqual(spans[at - 1]?.end ?? 0);
});

test('a message without documents has no spans, and a long name is cut to what a span may have', () => {
  expect(messageWithDocuments('Why?', []).spans).toEqual([]);
  const [span] = messageWithDocuments('', [textDocument('n'.repeat(300), 'A')]).spans;
  expect(span?.name).toHaveLength(256);
});

test('pasted texts get different names', () => {
  const first = pastedDocument('one', []);
  const second = pastedDocument('two', [first]);
  expect([first.name, second.name]).toEqual(['Pasted text', 'Pasted text 2']);
});

test('a document changes to its other form and back, each time as another document', () => {
  const text = textDocument('page.html', 'Hello', { other: { form: 'source', text: '<p>Hello' } });
  const source = inOtherForm(text);
  expect(source).toMatchObject({
    name: 'page.html',
    text: '<p>Hello',
    bytes: 8,
    other: { form: 'text', text: 'Hello' },
  });
  expect(source.id).not.toBe(text.id);
  expect(inOtherForm(source)).toEqual({ ...text, id: expect.any(String) });
  expect(inOtherForm(a)).toBe(a);
});
