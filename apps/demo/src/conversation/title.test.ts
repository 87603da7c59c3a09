import fc from 'fast-check';
import { expect, test } from 'vitest';

import { shorten, titleOf } from './title.ts';

test('a title is the first line of the message, else its first document', () => {
  const document = { id: 'd', name: 'plan.pdf', text: '', bytes: 0 };
  expect(titleOf({ text: '\n  Why  is\tit?\nMore', documents: [document] })).toBe('Why is it?');
  expect(titleOf({ text: ' ', documents: [document] })).toBe('plan.pdf');
  expect(titleOf({ text: '', documents: [] })).toBe('New chat');
});

test('a long title is cut between words, and one long word within', () => {
  expect(shorten('A title of sixty characters stays as it is, whatever it says')).toHaveLength(60);
  expect(shorten(`${'word '.repeat(20)}`.trim())).toBe(`${'word '.repeat(11).trim()} …`);
  expect(shorten('x'.repeat(80))).toBe(`${'x'.repeat(58)} …`);
});

test('no title is too long or cut within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (text) => {
      const title = shorten(text);
      expect(title.length).toBeLessThanOrEqual(60);
      expect(title).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
