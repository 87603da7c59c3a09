import { expect, test } from 'vitest';

import { sampleConversation, sampleQuestion, sampleReply, sampleResult } from './sample-records.fixture.ts';
import { emptyIndex, search, searchIndex, searchText } from './search-text.ts';

const conversations = ['Apple', 'Berry', 'Cherry'].map((title) =>
  sampleConversation({ id: title.slice(0, 1).toLowerCase(), title }),
);
const found = (texts: Record<string, string>, query: string) =>
  search(conversations, searchIndex(new Map(Object.entries(texts)), emptyIndex), query).map(
    ({ conversation, excerpt }) => [conversation.id, excerpt],
  );

test('the text of a conversation has its messages, answers and the beginnings of its documents, a line each', () => {
  const document = { id: 'd', name: 'plan.txt', text: `The  plan\n${'x'.repeat(9000)}end`, bytes: 1 };
  const text = searchText([
    sampleQuestion({ text: ' What is\nit? ', documents: [document] }),
    sampleReply({ result: sampleResult('A Résumé.') }),
    sampleReply({ id: 'open' }),
  ]);
  const lines = text.split('\n');
  expect([lines[0], lines[1]?.slice(0, 20), lines[2]]).toEqual(['What is it?', 'plan.txt The plan xx', 'A Résumé.']);
  expect(lines.length).toBe(3);
  expect(text.length).toBeLessThan(4100);
});

test('every word must be found, in the title or the texts, whatever its case and accents', () => {
  const texts = { a: 'Nothing here', b: 'Once upon a time in PARIS', c: 'Paris, again and a Résumé' };
  expect(found(texts, 'paris')).toEqual([
    ['b', '… a time in PARIS'],
    ['c', 'Paris, again and a Résumé'],
  ]);
  expect(found(texts, '  cherry   paris again ')).toEqual([['c', 'Paris, again and a Résumé']]);
  expect(found(texts, 'RESUME')).toEqual([['c', '… and a Résumé']]);
  expect(found(texts, 'résumé')).toHaveLength(1);
  expect(found(texts, 'time again')).toEqual([]);
  expect(found(texts, '   ')).toEqual([
    ['a', null],
    ['b', null],
    ['c', null],
  ]);
});

test('titles come before texts, and a conversation without a text is found by its title', () => {
  expect(found({ a: 'about a cherry' }, 'Cherry')).toEqual([
    ['c', null],
    ['a', 'about a cherry'],
  ]);
});

test('the excerpt is a part of the line around the place, as it was written', () => {
  const line = `${'before '.repeat(20)}Überall ${'after '.repeat(40)}`;
  const [[, excerpt] = []] = found({ a: `first line\n${line}\nlast line` }, 'uberall');
  expect(excerpt).toMatch(/^… .{0,30}Überall after/);
  expect(excerpt?.length).toBeLessThanOrEqual(92);
  expect(excerpt).not.toMatch(/first|last/);
});

test('a text that changes its length when compared still gives an excerpt', () => {
  expect(found({ a: 'İstanbul, and the Straße' }, 'istanbul')).toHaveLength(1);
  expect(found({ a: '한국어 텍스트' }, '텍스트')).toEqual([['a', '한국어 텍스트']]);
});

test('what has not changed is not compared anew', () => {
  const first = searchIndex(
    new Map([
      ['a', 'One'],
      ['b', 'Two'],
    ]),
    emptyIndex,
  );
  const second = searchIndex(
    new Map([
      ['a', 'One'],
      ['b', 'Three'],
    ]),
    first,
  );
  expect(second.get('a')).toBe(first.get('a'));
  expect(second.get('b')).toEqual({ text: 'Three', folded: 'three' });
});
