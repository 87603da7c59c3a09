import { expect, test } from 'vitest';

import { textDocument } from '../documents/text-document.ts';
import { changeDraft, initialDraftState, type DraftAction, type DraftState } from './draft-state.ts';

const maxBytes = 1000;
const a = textDocument('a.txt', 'A');
const after = (...actions: DraftAction[]): DraftState => actions.reduce(changeDraft, initialDraftState);

test('documents are attached as they are read, and a notice tells what was not', () => {
  const state = after(
    { type: 'read', reading: { id: '1', words: 'Reading a.txt' } },
    { type: 'attach', document: a, maxBytes },
    { type: 'read', reading: { id: '1', words: 'Reading b.bin' } },
  );
  expect(state).toMatchObject({ draft: { documents: [a] }, readings: [{ words: 'Reading b.bin' }], notice: null });
  const ended = changeDraft(state, { type: 'read-all', id: '1', told: ['“b.bin” is a binary file.'] });
  expect(ended).toMatchObject({ readings: [], notice: '“b.bin” is a binary file.' });
});

test('a duplicate is told beside other problems, and the next attachment begins anew', () => {
  const state = after(
    { type: 'attach', document: a, maxBytes },
    { type: 'attach', document: textDocument('a.txt', 'A'), maxBytes },
    { type: 'read-all', id: '1', told: ['“b.bin” is a binary file.'] },
  );
  expect(state.notice).toBe('“a.txt” is attached already.\n“b.bin” is a binary file.');
  expect(changeDraft(state, { type: 'read', reading: { id: '2', words: '' } }).notice).toBe(null);
  expect(changeDraft(state, { type: 'write', text: 'x' }).notice).toBe(null);
});

test('a notice has a bounded number of lines', () => {
  const told = Array.from({ length: 9 }, (_, at) => `problem ${at}`);
  const state = after({ type: 'read-all', id: '1', told }, { type: 'read-all', id: '2', told: ['a', 'b'] });
  expect(state.notice?.split('\n')).toHaveLength(8);
  expect(state.notice).toMatch(/problem 6\n4 more files were left out or renamed\.$/);
});

test('pasted text, removal, the other form and a replacement change the documents', () => {
  const page = textDocument('p.html', 'Hi', { other: { form: 'source', text: '<p>Hi' } });
  const state = after(
    { type: 'paste', text: 'Pasted', maxBytes },
    { type: 'attach', document: page, maxBytes },
    { type: 'change-form', id: page.id },
  );
  expect(state.draft.documents.map(({ name, text }) => [name, text])).toEqual([
    ['Pasted text', 'Pasted'],
    ['p.html', '<p>Hi'],
  ]);
  const [pasted] = state.draft.documents;
  expect(changeDraft(state, { type: 'remove', id: pasted?.id ?? '' }).draft.documents).toHaveLength(1);
  expect(changeDraft(state, { type: 'replace', draft: { text: 'New', documents: [] } })).toEqual({
    ...initialDraftState,
    draft: { text: 'New', documents: [] },
  });
});

test('a pasted text that is too long is told', () => {
  const state = after({ type: 'paste', text: 'x'.repeat(1001), maxBytes });
  expect(state.draft.documents).toEqual([]);
  expect(state.notice).toContain('A message can have 1.0 kB of text in all. Left out: “Pasted text”.');
});
