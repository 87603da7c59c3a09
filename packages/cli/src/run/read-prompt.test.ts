import { generateRequest } from '@headway/protocol';
import { expect, test } from 'vitest';

import { joinParts } from './read-prompt.ts';

test('several sources have a span each, but not the words of the command line', () => {
  const { text, spans } = joinParts([
    { name: 'a.txt', text: 'One\n' },
    { name: 'b.txt', text: 'two' },
    { name: null, text: 'What is it?' },
  ]);
  expect(text).toBe('One\n\n\ntwo\n\nWhat is it?');
  expect(spans.map(({ name, start, end }) => [name, text.slice(start, end)])).toEqual([
    ['a.txt', 'One\n'],
    ['b.txt', 'two'],
  ]);
});

test('one source needs no name', () => {
  const { text, spans } = joinParts([
    { name: 'a.txt', text: 'One' },
    { name: null, text: '?' },
  ]);
  expect([text, spans]).toEqual(['One\n\n?', []]);
});

test('the spans of many sources with long names are accepted', () => {
  const parts = Array.from({ length: 300 }, (_, at) => ({ name: `${at}`.repeat(200), text: `part ${at}` }));
  const { text, spans } = joinParts(parts);
  expect(spans).toHaveLength(256);
  expect(generateRequest.safeParse({ prompt: text, spans }).success).toBe(true);
});
