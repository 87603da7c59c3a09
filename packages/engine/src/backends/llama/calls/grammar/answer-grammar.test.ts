import { describe, expect, it } from 'vitest';

import { compileJsonGrammar } from '@headway/json-grammar';
import { parseGbnf, readWith, writeWith } from '@headway/json-grammar/testing';
import { AnswerReader, type AnswerPart } from '../read/answer-reader.ts';
import { fallbackCallForm, type CallForm } from '../form/call-form.ts';
import { answerGrammar, callGrammar } from './answer-grammar.ts';
import { harmonyForm, knownForm } from '../form/known-forms.ts';
import { taggedForm } from '../form/tagged-form.fixture.ts';

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 0, maximum: 9 } },
  required: ['city'],
  additionalProperties: false,
};
const tool = { name: 'forecast', argumentsRoot: compileJsonGrammar(parameters).gbnf, parameters };
const other = { ...tool, name: 'history' };

const pythonic = knownForm('<|tool_list_start|>') ?? fallbackCallForm;
const bareKeys = knownForm('<|tool_call>call: <|"|>') ?? fallbackCallForm;
const atem = knownForm('<|start|>assistant <atem:function_calls>') ?? fallbackCallForm;
const wrapped = knownForm('<function name="function-name"><param name="param-name"><![CDATA[') ?? fallbackCallForm;
const forms = {
  fallback: fallbackCallForm,
  tagged: taggedForm,
  pythonic,
  bareKeys,
  harmony: harmonyForm,
  atem,
  wrapped,
};

function read(form: CallForm, text: string): AnswerPart[] {
  const reader = new AnswerReader({
    form,
    toolNames: ['forecast', 'history'],
    startsInThought: false,
    schemaOf: () => parameters,
  });
  return [...reader.push(text), ...reader.end()];
}

describe.each(Object.entries(forms))('%s', (_, form) => {
  it('allows only calls that read back, with arguments that fit', () => {
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const grammar = parseGbnf(
      answerGrammar({ form, calls: { tools: [tool, other], parallel: true }, format: null, before: 'content' }),
    );
    for (let round = 0; round < 40; round++) {
      const text = writeWith(grammar, random);
      const parts = read(form, text);
      const ends = parts.filter(({ channel }) => channel === 'tool-call-end');
      expect(parts.filter(({ channel }) => channel === 'content')).toEqual([]);
      expect(ends.length).toBeGreaterThan(0);
      for (const index of ends.keys()) {
        const written = parts.map((part) => (part.channel === 'tool-call' && part.index === index ? part.text : ''));
        expect(JSON.parse(written.join(''))).toMatchObject({ city: expect.any(String) });
      }
    }
  });
});

const call = '<tool_call>\n{"name": "forecast", "arguments": {"city":"Ulm"}}\n</tool_call>';
const calls = { tools: [tool], parallel: false };
type Options = Parameters<typeof answerGrammar>[0];
const accepts = (options: Omit<Options, 'form'> & Partial<Options>, text: string) =>
  readWith(parseGbnf(answerGrammar({ form: fallbackCallForm, ...options })), text).accepted;

it('allows a thought before the call only at the start of a free answer', () => {
  const asked = { calls, format: null };
  expect(accepts({ ...asked, before: 'free' }, '<think>\na < b </thin\n and so on')).toBe(true);
  expect(accepts({ ...asked, before: 'free' }, call)).toBe(true);
  expect(accepts({ ...asked, before: 'free' }, 'Well')).toBe(false);
  expect(accepts({ ...asked, before: 'content' }, call)).toBe(true);
  expect(accepts({ ...asked, before: 'content' }, `<think></think>${call}`)).toBe(false);
  expect(accepts({ ...asked, before: 'content' }, `${call}\n${call}`)).toBe(false);
});

it('allows a call or a text in the format', () => {
  const asked = { calls, format: compileJsonGrammar({ type: 'integer' }).gbnf, before: 'content' as const };
  expect(accepts(asked, call)).toBe(true);
  expect(accepts(asked, '12')).toBe(true);
  expect(accepts(asked, '12a')).toBe(false);
  expect(accepts(asked, `12${call}`)).toBe(false);
});

it('requires a new Harmony message after a thought, and no end marks', () => {
  const asked = { form: harmonyForm, calls, format: compileJsonGrammar({ type: 'integer' }).gbnf };
  const endMarks = ['<|call|>', '<|return|>'];
  const harmonyCall = '<|channel|>commentary to=functions.forecast <|constrain|>json<|message|>{"city":"Ulm"}';
  expect(accepts({ ...asked, before: 'content', endMarks }, harmonyCall)).toBe(true);
  expect(accepts({ ...asked, before: 'thought', endMarks }, `<|start|>assistant${harmonyCall}`)).toBe(true);
  expect(accepts({ ...asked, before: 'thought', endMarks }, '<|start|>assistant<|channel|>final<|message|>7')).toBe(
    true,
  );
  expect(accepts({ ...asked, before: 'thought', endMarks }, '7')).toBe(false);
});

it('continues after the mark of a call', () => {
  const grammar = (form: CallForm) => parseGbnf(callGrammar(form, [tool, other], { stage: 'mark' }));
  const rest = '", "arguments": {"city":"Ulm"}}\n</tool_call>';
  expect(readWith(grammar(fallbackCallForm), `{"name": "history${rest}`).accepted).toBe(true);
  expect(readWith(grammar(fallbackCallForm), `{"name": "another${rest}`).accepted).toBe(false);
});

it('continues from the end of the name', () => {
  const grammar = (form: CallForm) => parseGbnf(callGrammar(form, [tool], { stage: 'name' }));
  expect(readWith(grammar(fallbackCallForm), '", "arguments": {"city":"Ulm"}}\n</tool_call>').accepted).toBe(true);
  expect(readWith(grammar(fallbackCallForm), '{"city":"Ulm"}}\n</tool_call>').accepted).toBe(false);
});

it('continues from the beginning of the arguments', () => {
  const goesOn = (form: CallForm, text: string) =>
    readWith(parseGbnf(callGrammar(form, [tool], { stage: 'arguments' })), text).accepted;
  expect(goesOn(fallbackCallForm, '{"city":"Ulm","days":3}}\n</tool_call>')).toBe(true);
  expect(goesOn(fallbackCallForm, '{"days":3}}\n</tool_call>')).toBe(false);
  expect(goesOn(taggedForm, '<parameter=city>\nUlm <b>\n</parameter>\n</function>\n</tool_call>')).toBe(true);
});

it('continues a mark that the prompt began, and writes all of it after a thought', () => {
  const asked = {
    form: atem,
    calls: { tools: [tool], parallel: true },
    format: compileJsonGrammar({ type: 'integer' }).gbnf,
  };
  const atemCall =
    ' to=forecast<|message|><atem:function_calls>\n<atem:invoke name="forecast">\n<atem:parameter name="city">Ulm</atem:parameter>\n</atem:invoke>\n</atem:function_calls>';
  expect(accepts({ ...asked, before: 'content' }, atemCall)).toBe(true);
  expect(accepts({ ...asked, before: 'content' }, `${atemCall}<|eom|><|start|>assistant${atemCall}`)).toBe(true);
  expect(accepts({ ...asked, before: 'content' }, atemCall + atemCall)).toBe(false);
  expect(accepts({ ...asked, before: 'free' }, ' to=self<|message|>so')).toBe(true);
  expect(accepts({ ...asked, before: 'thought' }, `<|start|>assistant${atemCall}`)).toBe(true);
  expect(accepts({ ...asked, before: 'thought' }, '<|start|>assistant to=user<|message|>7')).toBe(true);
});

it('restricts bare-key values and texts between marks to their schemas', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 3 },
      kind: { enum: ['a', 1] },
      sizes: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 5 }, minItems: 1, maxItems: 2 },
      place: { type: 'object', properties: { row: { type: 'boolean' } }, required: ['row'] },
    },
  };
  const bounded = { ...tool, parameters: schema };
  const accepts = (form: CallForm, text: string) =>
    readWith(parseGbnf(callGrammar(form, [bounded], { stage: 'arguments' })), text).accepted;
  const q = '<|"|>';
  for (const value of [`{name:${q}abc${q},kind:${q}a${q},sizes:[5,0],place:{row:true}}`, '{}', '{kind:1}'])
    expect(accepts(bareKeys, `${value}<tool_call|>`)).toBe(true);
  for (const value of [`{name:${q}abcd${q}}`, '{kind:2}', '{sizes:[]}', '{sizes:[6]}', '{sizes:[1,1,1]}', '{place:{}}'])
    expect(accepts(bareKeys, `${value}<tool_call|>`)).toBe(false);
  const named = (text: string) => `<parameter=name>\n${text}\n</parameter>\n</function>\n</tool_call>`;
  expect(accepts(taggedForm, named('abc'))).toBe(true);
  expect(accepts(taggedForm, named('abcd'))).toBe(false);
});
