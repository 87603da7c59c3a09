import { describe, expect, it } from 'vitest';

import { ThoughtReader } from './thought-reader.ts';

const marks = { open: '<think>', close: '</think>' };

function read(text: string, { cut = 1, startsInThought = false, continues = false, known = true } = {}) {
  const reader = new ThoughtReader(known ? marks : null, startsInThought, continues);
  const told = { reasoning: '', content: '' };
  const pieces = text.match(new RegExp(`[^]{1,${cut}}`, 'g')) ?? [];
  for (const piece of [...pieces.map((one) => reader.push(one)), reader.end()])
    for (const { channel, text: part } of piece) told[channel] += part;
  return { ...told, thinks: reader.thinks };
}

describe.each([1, 2, 3, 7, 100])('in pieces of %i characters', (cut) => {
  it('an answer without a thought is as it was written', () => {
    expect(read('  Hello <b>\n', { cut })).toMatchObject({ reasoning: '', content: '  Hello <b>\n' });
    expect(read(' <thin', { cut })).toMatchObject({ reasoning: '', content: ' <thin' });
  });

  it('a thought that the model opens', () => {
    expect(read('<think>\n2+3 < 6\n</think>\n\n5\n', { cut })).toEqual({
      reasoning: '2+3 < 6',
      content: '5\n',
      thinks: false,
    });
  });

  it('a thought that the prompt opened', () => {
    expect(read('2+3\n\nis </b> 5\n</think>\n\n 5', { cut, startsInThought: true })).toMatchObject({
      reasoning: '2+3\n\nis </b> 5',
      content: '5',
    });
  });

  it('a thought that is cut off', () => {
    expect(read('so </thi', { cut, startsInThought: true })).toEqual({
      reasoning: 'so </thi',
      content: '',
      thinks: true,
    });
  });

  it('nothing but a thought', () => {
    expect(read('<think>\n\n</think>\n\n', { cut })).toMatchObject({ reasoning: '', content: '' });
  });

  it('marks in an answer, or one that goes on, or of a model that has none, are text', () => {
    expect(read('a <think>b</think>', { cut })).toMatchObject({ content: 'a <think>b</think>' });
    expect(read('<think>b', { cut, continues: true })).toMatchObject({ content: '<think>b' });
    expect(read('<think>b', { cut, known: false })).toMatchObject({ content: '<think>b' });
  });
});
