import { idleGeneration } from '@headway/client/react';
import { expect, test } from 'vitest';

import { beginning, type Question, type Reply } from '../storage/records.ts';
import { neighbour, shownBranch } from './tree.ts';

const question = (id: string, parent: string | null, created: number): Question => ({
  kind: 'question',
  id,
  conversation: 'c',
  parent,
  created,
  text: id,
  documents: [],
});

const reply = (id: string, parent: string, created: number, more: Partial<Reply> = {}): Reply => ({
  kind: 'reply',
  id,
  conversation: 'c',
  parent,
  created,
  generation: id,
  index: 0,
  model: null,
  set: null,
  result: { ...idleGeneration, state: 'done', text: id },
  ...more,
});

const shown = (...parts: Parameters<typeof shownBranch>) =>
  shownBranch(...parts).map((one) => [one.question.id, one.reply?.id ?? null]);

test('the branch follows the latest version where nothing is chosen, whatever the order of the records', () => {
  const messages = [
    reply('a2', 'q1', 5),
    question('q2', 'a2', 6),
    question('q1', null, 1),
    reply('a1', 'q1', 2),
    question('p2', 'a1', 3),
    reply('b1', 'q2', 7),
  ];
  expect(shown(messages, {})).toEqual([
    ['q1', 'a2'],
    ['q2', 'b1'],
  ]);
  expect(shown(messages, { q1: 'a1' })).toEqual([
    ['q1', 'a1'],
    ['p2', null],
  ]);
});

test('an edited first message is another branch, and a chosen version that is gone counts as not chosen', () => {
  const messages = [question('q1', null, 1), reply('a1', 'q1', 2), question('q2', null, 3), reply('a2', 'q2', 4)];
  expect(shown(messages, {})).toEqual([['q2', 'a2']]);
  expect(shown(messages, { [beginning]: 'q1' })).toEqual([['q1', 'a1']]);
  expect(shown(messages, { [beginning]: 'gone' })).toEqual([['q2', 'a2']]);
  const [first] = shownBranch(messages, { [beginning]: 'q1' });
  expect(first?.versions.map(({ id }) => id)).toEqual(['q1', 'q2']);
  expect(shownBranch([], {})).toEqual([]);
});

test('a set of replies is shown side by side until one is picked, and goes on with its first', () => {
  const messages = [
    question('q1', null, 1),
    reply('old', 'q1', 2),
    reply('x', 'q1', 3, { set: 's', index: 1 }),
    reply('y', 'q1', 3, { set: 's', index: 0 }),
  ];
  const [open] = shownBranch(messages, {});
  expect(open?.sideBySide?.map(({ id }) => id)).toEqual(['y', 'x']);
  expect(open?.reply?.id).toBe('y');
  expect(open?.replies.map(({ id }) => id)).toEqual(['old', 'y', 'x']);
  const [picked] = shownBranch(messages, { q1: 'x' });
  expect(picked).toMatchObject({ sideBySide: null, reply: { id: 'x' } });
});

test('the neighbour of a version is undefined beyond the ends', () => {
  const versions = [{ id: 'a' }, { id: 'b' }];
  expect(neighbour(versions, 'a', 1)).toEqual({ id: 'b' });
  expect(neighbour(versions, 'a', -1)).toBeUndefined();
  expect(neighbour(versions, 'b', 1)).toBeUndefined();
  expect(neighbour(versions, 'c', 1)).toBeUndefined();
});

test('records whose parents go round in a circle are not shown, and those that lead to none neither', () => {
  const circle = [question('q1', 'a1', 1), reply('a1', 'q1', 2), question(beginning, 'a1', 3), reply('a2', 'gone', 4)];
  expect(shown(circle, {})).toEqual([]);
  const own = [question('q', 'q', 1), reply('a', 'a', 2), question('first', null, 3), reply(beginning, 'first', 4)];
  expect(shown([...own, question('second', beginning, 5)], { first: beginning })).toEqual([
    ['first', beginning],
    ['second', null],
  ]);
});
