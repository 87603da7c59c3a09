import fc from 'fast-check';
import pc from 'picocolors';
import { expect, test } from 'vitest';

import { createAnswerText } from './answer-text.ts';

type Channel = 'content' | 'reasoning' | 'tool-call';

function show(pieces: readonly [Channel, string][], { markdown = true, colours = true } = {}): string {
  const answer = createAnswerText({ columns: () => 40, colors: pc.createColors(colours), markdown });
  return pieces.map(([channel, text]) => answer.write({ channel, text })).join('') + answer.end();
}

/** The text without the styles that the command itself writes. */
const unstyled = (shown: string) =>
  ['0', '1', '2', '3', '4', '9', '22', '23', '24', '29', '36', '39'].reduce(
    (text, code) => text.replaceAll(`\u001b[${code}m`, ''),
    shown,
  );

test('the reasoning is dim, and ends before the answer', () => {
  const dim = pc.createColors(true).dim;
  expect(
    show([
      ['reasoning', '```\nHm, **so**'],
      ['content', 'It *is*.'],
    ]),
  ).toBe(`${dim('```')}\n${dim('Hm,')}${dim(' **so**')}\n\nIt \u001b[3mis\u001b[23m.`);
  expect(show([['tool-call', '{}']])).toBe('');
});

test('without colours, or without Markdown, the marks stay', () => {
  const pieces: [Channel, string][] = [['content', '# **a** `b`']];
  expect(show(pieces, { colours: false })).toBe('# **a** `b`');
  expect(show(pieces, { markdown: false })).toBe('# **a** `b`');
  expect(unstyled(show(pieces))).toBe('a b');
});

test('no control character of a model reaches the terminal, wherever it stands', () => {
  const evil = fc.constantFrom(
    '\u001b[2J',
    '\u001b]0;owned\u0007',
    '\u009b2J',
    '\r',
    '\b',
    '\u0000',
    '\u007f',
    '\u001b[1m',
  );
  const place = fc.constantFrom(
    '**',
    '`',
    '[a](http://b.c/',
    ')',
    '\n```\n',
    '\n| a | b |\n|---|---|\n| ',
    ' |\n',
    '# ',
    '> ',
    '- ',
    'word ',
    '\n',
  );
  const text = fc.array(fc.oneof(evil, place), { maxLength: 30 }).map((parts) => parts.join(''));
  const channel = fc.constantFrom<Channel>('content', 'reasoning');
  fc.assert(
    fc.property(fc.array(fc.tuple(channel, text), { maxLength: 4 }), (pieces) => {
      // oxlint-disable-next-line no-control-regex -- what must not come
      expect(unstyled(show(pieces))).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});
