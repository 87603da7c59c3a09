// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { forgetHurried, keepHurried, takeHurried } from './hurried-draft.ts';

const draft = { text: 'In a hurry', documents: [] };

test('a draft that was kept in a hurry is found once, by its chat alone', () => {
  keepHurried('a', draft);
  expect(takeHurried('b')).toBeNull();
  expect(takeHurried('a')).toEqual(draft);
  expect(takeHurried('a')).toBeNull();
});

test('a draft that the page still has is forgotten', () => {
  keepHurried('a', draft);
  forgetHurried();
  expect(takeHurried('a')).toBeNull();
});
