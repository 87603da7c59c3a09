import { describe, expect, it } from 'vitest';

import { AnswerReader } from './read/answer-reader.ts';
import { fallbackCallForm, type CallForm, type Mark } from './form/call-form.ts';
import { allKnownForms } from './form/known-forms.ts';
import { cut, randomFrom, readAnswer } from './round-trip.fixture.ts';

const bareObject: CallForm = { ...fallbackCallForm, callOpen: [''], callClose: '', parallel: false };
const forms = [fallbackCallForm, bareObject, ...allKnownForms].map((form, at) => ({ at, form }));

const textOf = (mark: Mark) =>
  mark.map((piece) => (typeof piece === 'string' ? piece : piece.fill === 'name' ? 'add' : '1')).join('');

/** The marks of this form. */
function marksOf({ name, arguments: args, ...form }: CallForm): string[] {
  return [
    form.sectionOpen,
    form.sectionClose,
    textOf(form.callOpen),
    `${textOf(form.callOpen)}add${textOf(name.after)}`,
    form.callClose,
    form.separator,
    ...[form.thought, form.content].flatMap((tags) => (tags ? [tags.open, tags.close] : [])),
    ...(name.kind === 'field' ? [textOf(name.before), name.close] : []),
    ...(args.kind === 'tagged' ? [args.keyOpen, args.valueOpen, args.valueClose] : []),
    ...(args.kind === 'bare-keys' ? [args.quote] : []),
  ].filter((mark) => mark !== '');
}

/** Marks, parts of marks and words in random order. */
function garbage(marks: readonly string[], seed: number): string {
  const random = randomFrom(seed * 7_919 + 13);
  const words = ['add', '{"n": 1}', '{', '}', '"', ':', ',', ']', ')', '=', "'", '\\', '\n', ' ', 'Hello', '🦀', 'to='];
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const pieces = Array.from({ length: 1 + Math.floor(random() * 14) }, () => {
    const mark = pick(marks);
    const kind = random();
    if (kind < 0.5) return mark;
    if (kind < 0.6) return mark.slice(0, Math.ceil(random() * mark.length));
    return kind < 0.7 ? mark.slice(Math.floor(random() * mark.length)) : pick(words);
  });
  return pieces.join('');
}

describe.each(forms)('form $at', ({ form }) => {
  const marks = marksOf(form);

  it.each([
    { offered: 'a tool', toolNames: ['add'] },
    { offered: 'no tool', toolNames: [] },
  ])('reads any garbage to its end with $offered, in pieces of any length', ({ toolNames }) => {
    for (let seed = 0; seed < 300; seed++) {
      const text = garbage(marks, seed);
      const open = () =>
        new AnswerReader({
          form,
          toolNames,
          startsInThought: seed % 3 === 1 && form.thought !== null,
          continues: seed % 3 === 2,
        });
      const reader = open();
      const whole = readAnswer(reader, [text]);
      expect({ text, more: reader.end() }).toEqual({ text, more: [] });
      for (const pieces of [cut(text, 0), cut(text, seed + 2)])
        expect({ text, ...readAnswer(open(), pieces) }).toEqual({ text, ...whole });
      if (whole.calls.length > 0 || form.kind === 'channels') continue;
      const crabs = (one: string) => one.split('🦀').length - 1;
      expect({ text, crabs: crabs(whole.content + whole.reasoning) }).toEqual({ text, crabs: crabs(text) });
    }
  });
});
