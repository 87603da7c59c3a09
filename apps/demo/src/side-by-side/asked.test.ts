import type { ModelInfo } from '@headway/client';
import { expect, test } from 'vitest';

import { askable, askedText, mostChoices } from './asked.ts';
import { cardNames } from './card-names.ts';

const model = (id: string, slots: number) => ({ id, slots }) as ModelInfo;

test('a model writes as many answers at once as it has slots, and all models together 8', () => {
  expect(mostChoices([])).toBe(8);
  expect(mostChoices([{ slots: 4 }])).toBe(4);
  expect(mostChoices([{ slots: 16 }])).toBe(8);
  expect(mostChoices([{ slots: 4 }, { slots: 6 }, { slots: 8 }])).toBe(2);
  expect(mostChoices(Array.from({ length: 8 }, () => ({ slots: 1 })))).toBe(1);
});

test('models that are no longer served are not asked, and choices keep within the slots', () => {
  const served = [model('a', 4), model('b', 2)];
  expect(askable({ models: [], choices: 8 }, served, null)).toEqual({ models: [null], choices: 4 });
  expect(askable({ models: [], choices: 8 }, served, 'b')).toEqual({ models: ['b'], choices: 2 });
  expect(askable({ models: ['a', 'b', 'gone'], choices: 3 }, served, 'b')).toEqual({ models: ['a', 'b'], choices: 2 });
  expect(askable({ models: ['gone'], choices: 1 }, served, null)).toEqual({ models: [null], choices: 1 });
});

test('what is asked, in words', () => {
  expect(askedText({ models: [], choices: 1 })).toBe('one');
  expect(askedText({ models: [null], choices: 4 })).toBe('4 answers');
  expect(askedText({ models: ['a', 'b'], choices: 1 })).toBe('2 models');
  expect(askedText({ models: ['a', 'b'], choices: 2 })).toBe('2 models, 2 answers each');
});

test('cards have the names of their models where these differ', () => {
  expect(cardNames([{ model: null }, { model: null }])).toEqual(['Answer 1', 'Answer 2']);
  expect(cardNames([{ model: 'a' }, { model: 'b' }])).toEqual(['a', 'b']);
  expect(cardNames([{ model: 'a' }, { model: 'a' }, { model: null }, { model: null }])).toEqual([
    'a, answer 1',
    'a, answer 2',
    'The gateway’s model, answer 1',
    'The gateway’s model, answer 2',
  ]);
});
