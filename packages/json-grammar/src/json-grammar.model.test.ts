import { isHeadwayError } from '@headway/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { LlamaGrammar, type Llama, type LlamaContext } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { schemaBounds } from './bounds.ts';
import { compileJsonGrammar } from './compile-json-grammar.ts';
import { openEmbeddedModel, writeInGrammar } from './embedded-model.fixture.ts';
import { parseGbnf, readWith, writeWith } from './gbnf-grammar.fixture.ts';
import { randomSchema, type RawSchema } from './random-schema.fixture.ts';

let llama: Llama;
let context: LlamaContext;
beforeAll(async () => {
  ({ llama, context } = await openEmbeddedModel());
});
afterAll(async () => {
  await llama.dispose();
});

/** Random schemas that the compiler accepts, the same ones each time. */
function drawn(count: number): { schema: RawSchema; gbnf: string }[] {
  return fc
    .sample(randomSchema, { numRuns: 2 * count, seed: 4477 })
    .flatMap((schema) => {
      try {
        return [{ schema, gbnf: compileJsonGrammar(schema).gbnf }];
      } catch (error) {
        if (isHeadwayError(error) && error.code === 'invalid-request') return [];
        throw error;
      }
    })
    .slice(0, count);
}

const write = (gbnf: string, seed: number) =>
  writeInGrammar(context, gbnf, { prompt: 'Here is the answer as JSON: ', maxTokens: 300, seed });

it('a model writes JSON that validates, for random schemas', async () => {
  const count = 20;
  let ended = 0;
  for (const [seed, { schema, gbnf }] of drawn(count).entries()) {
    const answer = await write(gbnf, seed);
    if (!answer.ended) continue;
    ended++;
    const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    expect(validate(JSON.parse(answer.text)), `${answer.text} for ${JSON.stringify(schema)}`).toBe(true);
  }
  expect(ended).toBeGreaterThan(count / 2);
}, 120_000);

/** llama.cpp's own result; node-llama-cpp's types do not show this method. */
function llamaReads(gbnf: string): (text: string) => boolean {
  const grammar = new LlamaGrammar(llama, { grammar: gbnf }) as unknown as { _testText(text: string): boolean };
  return (text) => grammar._testText(text);
}

it("llama.cpp accepts the same texts as the test fixture's parser", () => {
  let state = 4477;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let broken = 0;
  for (const { schema, gbnf } of drawn(fc.readConfigureGlobal().numRuns ?? 100)) {
    const reads = llamaReads(gbnf);
    const grammar = parseGbnf(gbnf);
    for (let count = 1; count <= 4; count++) {
      const text = writeWith(grammar, random, 20 * count);
      expect(reads(text), `${text} for ${JSON.stringify(schema)}`).toBe(true);
      // One character less, or another one.
      const chars = Array.from(text);
      chars.splice(Math.floor(random() * chars.length), 1, ...(random() < 0.5 ? [] : ['1']));
      const other = chars.join('');
      const accepted = readWith(grammar, other).accepted;
      expect(reads(other), `${other} for ${JSON.stringify(schema)}`).toBe(accepted);
      if (!accepted) broken++;
    }
  }
  expect(broken).toBeGreaterThan(0);
}, 120_000);

describe('the largest accepted', () => {
  const { alternatives, depth, optionalRun, repetition } = schemaBounds;
  const list = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));
  const properties = (count: number, make: (at: number) => unknown) =>
    Object.fromEntries(list(count, (at) => [`p${at}`, make(at)]));
  const nested = (inner: unknown, wrap: (schema: unknown) => unknown, levels: number) =>
    list(levels, () => wrap).reduce((schema, around) => around(schema), inner);

  it.each<[string, unknown]>([
    ['string', { type: 'string', minLength: repetition, maxLength: repetition }],
    ['choice of length', { type: 'string', maxLength: repetition }],
    ['array', { type: 'array', items: {}, minItems: repetition / 2, maxItems: repetition }],
    [
      'arrays of arrays of strings',
      nested(
        { type: 'string', maxLength: repetition },
        (items) => ({ type: 'array', items, maxItems: repetition }),
        depth - 1,
      ),
    ],
    ['number of lengths', { properties: properties(48, (at) => ({ maxLength: repetition - at })) }],
    ['number of optional properties', { properties: properties(optionalRun, () => ({ type: 'integer' })) }],
    [
      'number of properties',
      {
        properties: properties(3_000, () => true),
        required: list(12, (at) => `p${250 * at}`),
      },
    ],
    ['number of constants', { enum: list(7_000, (at) => `${(at * 7_919) % 100_003}`) }],
    ['constants that differ at the end', { enum: list(60, (at) => `${'x'.repeat(1_000)}${at}`) }],
    [
      'union',
      {
        anyOf: list(alternatives, (at) => ({
          type: 'object',
          properties: { a: { type: 'string', maxLength: at + 1 }, b: { type: 'integer', minimum: at } },
        })),
      },
    ],
    [
      'name that other names must differ from',
      { properties: { ['n'.repeat(4_000)]: true }, additionalProperties: true },
    ],
    ['number', { type: 'integer', minimum: -schemaBounds.integer, maximum: schemaBounds.integer }],
    ['depth', nested({ type: 'null' }, (inner) => ({ properties: { a: inner } }), depth - 1)],
  ])('%s loads, and a model writes with it', async (_name, schema) => {
    const { gbnf } = compileJsonGrammar(schema);
    const { text } = await write(gbnf, 1);
    expect(text).not.toBe('');
  });
});
