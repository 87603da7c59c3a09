import { expect, test } from 'vitest';

import { messageWithDocuments, pastedDocument, textDocument } from './text-document.ts';

test('a message begins with its documents, several of them under their names', () => {
  const a = textDocument('a.txt', 'A');
  const b = textDocument('b.txt', 'B');
  expect(messageWithDocuments('Why?', [])).toBe('Why?');
  expect(messageWithDocuments('Why?', [a])).toBe('A\n\nWhy?');
  expect(messageWithDocuments('', [a])).toBe('A');
  expect(messageWithDocuments('Why?', [a, b])).toBe('a.txt\n\nA\n\nb.txt\n\nB\n\nWhy?');
});

test('pasted texts get different names', () => {
  const first = pastedDocument('one', []);
  const second = pastedDocument('two', [first]);
  expect([first.name, second.name]).toEqual(['Pasted text', 'Pasted text 2']);
});
