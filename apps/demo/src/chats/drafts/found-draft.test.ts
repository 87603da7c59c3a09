import { expect, test } from 'vitest';

import { emptyDraft, type Draft } from '../../composer/draft.ts';
import { foundDraft } from './found-draft.ts';

const draft = (text: string): Draft => ({ text, documents: [] });

test('the stored draft takes the place of what another chat had in the box', () => {
  const [stored, before] = [draft('stored'), draft('of another chat')];
  expect(foundDraft(stored, before, before)).toBe(stored);
  expect(foundDraft(stored, before, draft('of another chat!'))).toBe(stored);
  expect(foundDraft(stored, emptyDraft, emptyDraft)).toBe(stored);
});

test('what the user has begun to write in an empty box stays', () => {
  const begun = draft('And');
  expect(foundDraft(emptyDraft, emptyDraft, begun)).toBe(begun);
  expect(foundDraft(draft('stored '), emptyDraft, begun)).toEqual(draft('stored And'));
});
