import { describe, expect, it } from 'vitest';

import { AnswerReader } from './read/answer-reader.ts';
import { fallbackCallForm, type CallForm } from './form/call-form.ts';
import { allKnownForms } from './form/known-forms.ts';
import { cut, plainJson, readAnswer } from './round-trip.fixture.ts';
import { writeCalls } from './write-calls.fixture.ts';

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const calls = [
  {
    id: 'aaaaaaaa1',
    name: 'look_up',
    arguments:
      '{"text": "it\'s \\"so\\"\\n<b> \\u00e9 true", "big": 9007199254740993, "price": 10.00, "nested": {"z": [1, {}], "a": null, "t": "null"}, "flag": true, "far": 1e999}',
  },
  { id: 'bbbbbbbb2', name: 'add', arguments: '{}' },
];

describe.each([fallbackCallForm, ...allKnownForms].map((form, at) => [at, form] as const))(
  'the form %i',
  (_, form: CallForm) => {
    it("a history's calls read back as they were", () => {
      const some = form.parallel ? calls : calls.slice(0, 1);
      const text = writeCalls(form, some).slice((form.begun ?? '').length);
      for (let seed = 0; seed < 10; seed++) {
        const reader = new AnswerReader({
          form,
          toolNames: ['look_up', 'add'],
          startsInThought: false,
          schemaOf: () => schema,
        });
        const read = readAnswer(reader, cut(text, seed));
        expect(read.content).toBe('');
        expect(read.calls.map((call) => ({ ...call, text: plainJson(call.text) }))).toEqual(
          some.map((call) => ({ name: call.name, text: plainJson(call.arguments), whole: true })),
        );
      }
    });
  },
);

it('writes Python literals in a Python form', () => {
  const form = allKnownForms.find(({ arguments: { kind } }) => kind === 'pythonic') ?? fallbackCallForm;
  expect(writeCalls(form, [{ id: '', name: 'f', arguments: '{"a": "x", "b": [true, null], "c": {"d": 1.0}}' }])).toBe(
    '<|tool_call_start|>[f(a="x", b=[True, None], c={"d": 1.0})]<|tool_call_end|>',
  );
});

it('writes arguments that are no object unchanged', () => {
  const form = allKnownForms.find(({ arguments: { kind } }) => kind === 'pythonic') ?? fallbackCallForm;
  expect(writeCalls(form, [{ id: '', name: 'f', arguments: '[1' }])).toContain('f([1)');
});
