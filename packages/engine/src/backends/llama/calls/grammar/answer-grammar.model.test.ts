import { Ajv2020 } from 'ajv/dist/2020.js';
import { LlamaCompletion, LlamaGrammar, type Llama, type LlamaContext, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compileJsonGrammar } from '@headway/json-grammar';
import { AnswerReader } from '../read/answer-reader.ts';
import { fallbackCallForm, type CallForm } from '../form/call-form.ts';
import { answerGrammar, callGrammar } from './answer-grammar.ts';
import { allKnownForms } from '../form/known-forms.ts';
import { readAnswer } from '../round-trip.fixture.ts';
import { taggedForm } from '../form/tagged-form.fixture.ts';
import { openEmbeddedModel } from '../../embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  context = await model.createContext({ contextSize: 1024, sequences: 1, threads: 1 });
});
afterAll(async () => {
  await instance.dispose();
});

const schemas = {
  forecast: {
    type: 'object',
    properties: {
      city: { type: 'string', maxLength: 30 },
      days: { type: 'integer', minimum: 0, maximum: 9 },
      unit: { enum: ['celsius', 'kelvin'] },
      exact: { type: 'boolean' },
    },
    required: ['city', 'days'],
    additionalProperties: false,
  },
  'send.mail-1': {
    type: 'object',
    properties: {
      to: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 99 }, minItems: 1, maxItems: 3 },
      place: {
        type: 'object',
        properties: { row: { type: 'integer', minimum: 0, maximum: 99 } },
        required: ['row'],
        additionalProperties: false,
      },
    },
    required: ['to', 'place'],
    additionalProperties: false,
  },
  sit: { type: 'object', properties: {}, additionalProperties: false },
};
const tools = Object.entries(schemas).map(([name, parameters]) => ({
  name,
  argumentsRoot: compileJsonGrammar(parameters).gbnf,
  parameters,
}));

const textsMarked: CallForm = {
  ...taggedForm,
  sectionOpen: '<calls>\n',
  sectionClose: '\n</calls>',
  callOpen: ['<invoke id="', { fill: 'id' }, '" name="'],
  name: { kind: 'plain', after: ['">'] },
  arguments: {
    kind: 'tagged',
    keyOpen: '<parameter name="',
    valueOpen: '" string="true">',
    jsonValueOpen: '" string="false">',
    valueClose: '</parameter>',
    separator: '\n',
  },
  callClose: '</invoke>',
};
const numbered: CallForm = {
  ...fallbackCallForm,
  sectionOpen: '<action>[',
  sectionClose: ']</action>',
  callOpen: [''],
  name: {
    kind: 'field',
    field: 'tool_name',
    argumentsField: 'parameters',
    before: ['{"tool_call_id": "', { fill: 'index' }, '", "tool_name": "'],
    after: ['", "parameters": '],
    close: '}',
  },
  callClose: '',
  separator: ', ',
};
const forms: Record<string, CallForm> = { fallback: fallbackCallForm, tagged: taggedForm, textsMarked, numbered };
for (const [at, form] of allKnownForms.entries()) forms[`known ${at}`] = form;

async function write(gbnf: string, seed: number, maxTokens = 300): Promise<{ text: string; ended: boolean }> {
  const completion = new LlamaCompletion({ contextSequence: context.getSequence(), autoDisposeSequence: true });
  try {
    const { response, metadata } = await completion.generateCompletionWithMeta('Once there was a fox. ', {
      grammar: new LlamaGrammar(instance, { grammar: gbnf }),
      maxTokens,
      temperature: 1,
      seed,
    });
    return { text: response, ended: metadata.stopReason === 'eogToken' };
  } finally {
    completion.dispose();
  }
}

function read(form: CallForm, text: string) {
  const schemaOf = (name: string) => tools.find((tool) => tool.name === name)?.parameters;
  const reader = new AnswerReader({ form, toolNames: Object.keys(schemas), startsInThought: false, schemaOf });
  return readAnswer(reader, text.split(''));
}

function expectFitting(calls: ReturnType<typeof read>['calls'], text: string) {
  const ajv = new Ajv2020({ strict: false });
  for (const call of calls) {
    const schema = tools.find(({ name }) => name === call.name)?.parameters;
    expect(schema && ajv.validate(schema, JSON.parse(call.text)), `${text} is ${call.text}`).toBe(true);
    expect(call.whole).toBe(true);
  }
}

describe.each(Object.entries(forms))('%s', (_, form) => {
  it('a model writes calls that fit their schemas', async () => {
    let ended = 0;
    for (const [seed, parallel] of [true, true, false, false].entries()) {
      const { text, ended: whole } = await write(
        answerGrammar({ form, calls: { tools, parallel }, format: null, before: 'content' }),
        seed,
      );
      if (!whole) continue;
      ended++;
      const { calls, content, reasoning } = read(form, text);
      expect({ content, reasoning }, `in ${text}`).toEqual({ content: '', reasoning: '' });
      expect(calls.length, `in ${text}`).toBeGreaterThan(0);
      expect(calls.length).toBeLessThanOrEqual(parallel ? 300 : 1);
      expectFitting(calls, text);
    }
    expect(ended).toBeGreaterThan(0);
  });

  it('a model completes arguments that it began unasked', async () => {
    let count = 0;
    for (const [at, tool] of tools.entries()) {
      const { text, ended } = await write(callGrammar(form, [tool], { stage: 'arguments' }), at);
      if (!ended) continue;
      count++;
      const name = form.name.kind === 'field' ? [...form.name.before, tool.name] : [tool.name];
      const open = [...form.callOpen, ...name, ...form.name.after].map((piece) => {
        if (typeof piece === 'string') return piece;
        return piece.fill === 'name' ? tool.name : '7';
      });
      const begun = (form.sectionOpen + open.join('')).slice((form.begun ?? '').length);
      const { calls } = read(form, begun + text);
      expect(
        calls.map(({ name: called }) => called),
        `in ${begun + text}`,
      ).toEqual([tool.name]);
      expectFitting(calls, text);
    }
    expect(count).toBeGreaterThan(0);
  });
});
