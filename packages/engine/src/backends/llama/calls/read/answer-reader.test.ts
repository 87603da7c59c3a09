import { describe, expect, it } from 'vitest';

import { readAnswer } from '../round-trip.fixture.ts';
import { AnswerReader } from './answer-reader.ts';
import { fallbackCallForm, type CallForm } from '../form/call-form.ts';
import { harmonyForm, knownForm } from '../form/known-forms.ts';

const toolNames = ['look_up', 'add'];
const bareObject: CallForm = { ...fallbackCallForm, callOpen: [''], callClose: '', parallel: false };

/** Reads an answer in pieces of this length. */
function read(
  text: string,
  { form = fallbackCallForm, names = toolNames, startsInThought = false, length = 1_000_000, limited = false } = {},
) {
  const reader = new AnswerReader({ form, toolNames: names, startsInThought });
  const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
    text.slice(at * length, (at + 1) * length),
  );
  return readAnswer(reader, pieces, { limited });
}

const hostile = '{ "b":9007199254740993, "a" : 10.00,"a":"</tool_call>}\\u0041\\"<tool_call>" }';
const answer = `<think>\nHm <b\n</think>\n\nLet me see.\n<tool_call>\n{"name": "look_up", "arguments": ${hostile}}\n</tool_call>\n<tool_call>\n{"name": "add", "arguments": {}}\n</tool_call>\n`;

describe('a form with JSON', () => {
  it.each([1, 2, 3, 7, 50, 1_000])('reads the same in pieces of %i characters', (length) => {
    expect(read(answer, { length })).toEqual({
      content: 'Let me see.',
      reasoning: 'Hm <b',
      calls: [
        { name: 'look_up', text: hostile, whole: true },
        { name: 'add', text: '{}', whole: true },
      ],
    });
  });

  it.each([
    '<tool_call>\n{"name": "unknown", "arguments": {}}\n</tool_call>',
    'a <tool_call> b',
    'a <tool',
    '{"name": "look_up"}',
    'x <think> y </think> z',
  ])('reads %s as content', (text) => {
    for (const length of [1, 1_000]) expect(read(text, { length }).content).toBe(text);
  });

  it('accepts unknown fields and other white space', () => {
    const text = '<tool_call>{"id" : "7", "name":"add","arguments":{"n":1} , "x":[2]} </tool_call>';
    expect(read(text)).toEqual({ content: '', reasoning: '', calls: [{ name: 'add', text: '{"n":1}', whole: true }] });
  });

  it('leaves a call incomplete that is cut off', () => {
    const { calls } = read('<tool_call>\n{"name": "add", "arguments": {"n": "x');
    expect(calls).toEqual([{ name: 'add', text: '{"n": "x', whole: false }]);
  });

  it('reports the call in progress from its opening to its closing mark', () => {
    const reader = new AnswerReader({ form: fallbackCallForm, toolNames, startsInThought: false });
    reader.push('Well\n<tool_call>\n');
    expect(reader.open).toEqual({ stage: 'mark', index: 0, name: null, written: '\n' });
    reader.push('{"name": "add');
    expect(reader.open).toMatchObject({ stage: 'mark', written: '\n{"name": "add' });
    reader.push('", "argu');
    expect(reader.open).toEqual({ index: 0, name: 'add', stage: 'name', written: '", "argu' });
    reader.push('ments": {"n"');
    expect(reader.open).toEqual({ index: 0, name: 'add', stage: 'arguments', written: ' {"n"' });
    reader.push(': 1}}');
    expect(reader.open).toMatchObject({ written: ' {"n": 1}}' });
    reader.push('\n</tool_call>');
    expect(reader.open).toBeNull();
  });

  it('accepts only an object as arguments', () => {
    for (const text of ['<tool_call>\n{"name": "add", "arguments": ]}', '<tool_call>\n{"name": "add", "arguments": 7}'])
      for (const length of [1, 1_000]) expect(read(text, { length })).toMatchObject({ content: text, calls: [] });
  });

  it('keeps white space in the content', () => {
    const text = 'Sure:\n\n one \n';
    for (const names of [[], toolNames])
      for (const length of [1, 6, 7, 1_000]) expect(read(text, { names, length }).content).toBe(text);
  });

  it('holds back no more text than a name is long', () => {
    const reader = new AnswerReader({ form: bareObject, toolNames, startsInThought: false });
    let said = 0;
    for (let at = 0; at < 1_000; at++)
      for (const part of reader.push(at === 0 ? '{"story": "' : 'once upon a time '))
        if (part.channel === 'content') said += part.text.length;
    expect(said).toBeGreaterThan(10_000);
  });

  it.each([
    '',
    'a',
    '<think>',
    '<think>a',
    '<think>a</think>',
    '<tool_call>',
    '<tool_call>{"name": "add", "arguments": {}',
  ])('reads endless white space after %j in linear time', (begin) => {
    const start = performance.now();
    read(begin + '\n'.repeat(60_000), { length: 2 });
    expect(performance.now() - start).toBeLessThan(1_500);
  });

  it('starts in a thought', () => {
    expect(read('so it is\n</think>\n\nYes', { startsInThought: true, length: 2 })).toMatchObject({
      content: 'Yes',
      reasoning: 'so it is',
    });
  });

  it('reads a bare object as a call only at the beginning of an answer', () => {
    const call = '{"name": "add", "arguments": {"n": 1}}';
    expect(read(call, { form: bareObject, length: 3 }).calls).toEqual([{ name: 'add', text: '{"n": 1}', whole: true }]);
    expect(read(`So: ${call}`, { form: bareObject, length: 3 })).toMatchObject({ content: `So: ${call}`, calls: [] });
    expect(read('{"name": "x"}', { form: bareObject, length: 3 }).content).toBe('{"name": "x"}');
  });

  it('reads long arguments in small pieces in linear time', () => {
    const text = `<tool_call>\n{"name": "add", "arguments": {"t": "${'<tool_call>'.repeat(30_000)}"}}\n</tool_call>`;
    const start = performance.now();
    expect(read(text, { length: 4 }).calls[0]?.whole).toBe(true);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

it('reads lists of calls with Python literals', () => {
  const text = `<|tool_call_start|>[look_up(a="it's \\"so\\"", b=[1, None], c={'d': True}), add()]<|tool_call_end|>Done`;
  const form = knownForm('<|tool_list_start|>') ?? fallbackCallForm;
  for (const length of [1, 5, 1_000]) {
    const { calls, content } = read(text, { form, length });
    expect(content).toBe('Done');
    expect(calls.map(({ name, text: written }) => ({ name, value: JSON.parse(written) as unknown }))).toEqual([
      { name: 'look_up', value: { a: 'it\'s "so"', b: [1, null], c: { d: true } } },
      { name: 'add', value: {} },
    ]);
  }
});

it('reads Harmony messages', () => {
  const text =
    '<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json<|message|>{"n": 1.0}<|call|>';
  for (const length of [1, 4, 1_000]) {
    expect(read(text, { form: harmonyForm, length })).toEqual({
      content: '',
      reasoning: 'Hm',
      calls: [{ name: 'add', text: '{"n": 1.0}', whole: true }],
    });
    expect(read('<|channel|>final<|message|>Good day<|return|>', { form: harmonyForm, length }).content).toBe(
      'Good day',
    );
    expect(
      read(' to=functions.add<|channel|>commentary json<|message|>{}', { form: harmonyForm, length }).calls,
    ).toEqual([{ name: 'add', text: '{}', whole: true }]);
  }
});

it('reads text that only resembles a Harmony header as content', () => {
  const long = `to= ${'all '.repeat(1_000)}`;
  for (const text of ['assistants are kind', 'to= whom?', long])
    for (const length of [1, 1_000]) expect(read(text, { form: harmonyForm, length }).content).toBe(text);
  expect(read('<|channel|>comm', { form: harmonyForm }).content).toBe('');
});

it('leaves a call incomplete that the limit cuts between its arguments', () => {
  const form = knownForm('<function name="function-name"><param name="param-name"><![CDATA[') ?? fallbackCallForm;
  const text = '<function name="add"><param name="a">x</param><param name="b">y</param></function>';
  const least = text.indexOf('</function') + 2;
  for (let length = 1; length <= text.length; length++) {
    const { calls, content } = read(text.slice(0, length), { form, limited: true });
    expect(calls.filter(({ whole }) => whole)).toHaveLength(length < least ? 0 : 1);
    expect(length > text.indexOf('>') ? content : '').toBe('');
  }
});

describe('a form whose first mark the prompt has begun', () => {
  const functionary = knownForm('>>>${recipient}\n${content}') ?? fallbackCallForm;
  const atem = knownForm('<|start|>assistant <atem:function_calls>') ?? fallbackCallForm;
  const call = (name: string) =>
    ` to=${name}<|message|><atem:function_calls>\n<atem:invoke name="${name}">\n</atem:invoke>\n</atem:function_calls>`;

  it.each([1, 2, 5, 1_000])('continues the mark in pieces of %i characters', (length) => {
    const add = { name: 'add', text: '{}', whole: true };
    expect(read('all\nHello >>> all', { form: functionary, length })).toMatchObject({
      content: 'Hello >>> all',
      calls: [],
    });
    expect(read('add\n{}', { form: functionary, length })).toMatchObject({ content: '', calls: [add] });
    expect(read('all\nSo>>>add\n{}>>>add\n{}', { form: functionary, length })).toMatchObject({
      content: 'So',
      calls: [add, add],
    });
    const restart = '<|eom|><|start|>assistant';
    expect(
      read(` to=self<|message|>Hm${restart}${call('add')}${restart}${call('add')}`, { form: atem, length }),
    ).toEqual({
      content: '',
      reasoning: 'Hm',
      calls: [add, add],
    });
    expect(read(` to=user<|message|>Yes to=me`, { form: atem, length }).content).toBe('Yes to=me');
  });

  it('reads text that continues no mark as content', () => {
    for (const length of [1, 1_000]) {
      expect(read('Hello', { form: functionary, length }).content).toBe('Hello');
      expect(read(' to=nobody', { form: atem, length }).content).toBe(' to=nobody');
    }
  });
});

it('reads wrapped texts and Python values', () => {
  const form = knownForm('<function name="function-name"><param name="param-name"><![CDATA[') ?? fallbackCallForm;
  const text = `<function name="add"><param name="a"><![CDATA[x</param> & ]]></param><param name="b">{'c': [True, None], 'd': 1.50}</param></function>`;
  for (const length of [1, 7, 1_000])
    expect(read(text, { form, length }).calls).toEqual([
      { name: 'add', text: '{"a": "x</param> & ", "b": {"c": [true, null], "d": 1.50}}', whole: true },
    ]);
  const words = '<function name="add"><param name="a">[so it is]</param><param name="b">None</param></function>';
  expect(read(words, { form }).calls[0]?.text).toBe('{"a": "[so it is]", "b": null}');
});
