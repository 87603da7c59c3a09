import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import OpenAI, { BadRequestError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { randomSchema, type RawSchema } from '@headway/json-grammar/testing';
import { soakScale } from '../../src/soak-scale.ts';
import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';

/** As random as can be: every token that the grammar lets through has its chance. */
const sampling = { temperature: 2, top_p: 1, top_k: 0, min_p: 0 };

let gateway: EmbeddedGateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await startEmbedded();
  client = new OpenAI({ baseURL: gateway.baseURL, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function ask(schema: RawSchema, seed: number) {
  return client.chat.completions.create({
    model: 'storyteller',
    messages: [{ role: 'user', content: 'Give me an example.' }],
    response_format: { type: 'json_schema', json_schema: { name: 'example', schema, strict: true } },
    max_tokens: 300,
    seed,
    ...sampling,
  });
}

/** What came of a schema: how the text that ended is wrong, if it is, or why there is none. */
type Outcome = 'valid' | 'refused' | 'cut off' | { fault: string };

async function outcomeOf(schema: RawSchema, seed: number): Promise<Outcome> {
  try {
    const { choices } = await ask(schema, seed);
    const { finish_reason: reason, message } = choices[0] ?? {};
    if (reason === 'length') return 'cut off';
    const fault = reason === 'stop' ? faultOf(schema, message?.content ?? '') : `ended by ${reason}`;
    return fault === null ? 'valid' : { fault: `${JSON.stringify(schema)} gave ${message?.content}: ${fault}` };
  } catch (thrown) {
    if (thrown instanceof BadRequestError && thrown.param?.startsWith('response_format.json_schema.schema')) {
      return 'refused';
    }
    throw thrown;
  }
}

function faultOf(schema: RawSchema, text: string): string | null {
  const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 });
  addFormats.default(ajv);
  try {
    return ajv.validate(schema, JSON.parse(text)) ? null : ajv.errorsText();
  } catch (thrown) {
    return String(thrown);
  }
}

test('what the model writes to random schemas is valid wherever it ends by itself', { timeout: 300_000 }, async () => {
  const wanted = 200 * soakScale();
  // A few of them fit nothing or are ambiguous, and are refused.
  const schemas = fc.sample(randomSchema, { numRuns: wanted * 2, ...(soakScale() < 1 ? { seed: 4477 } : {}) });
  const outcomes: Outcome[] = [];
  const count = (what: Outcome) => outcomes.filter((outcome) => outcome === what).length;
  let next = 0;
  const work = async () => {
    while (count('valid') < wanted && next < schemas.length) {
      const at = next++;
      outcomes.push(await outcomeOf(schemas[at] ?? {}, at));
    }
  };
  await Promise.all([work(), work()]);

  expect(outcomes.filter((outcome) => typeof outcome === 'object')).toEqual([]);
  expect(count('valid')).toBeGreaterThanOrEqual(wanted);
  // Where a document may go on for ever this model goes on until its tokens are used up, and the finish reason says so.
  expect(count('cut off')).toBeLessThanOrEqual(wanted / 3);
  expect(count('refused')).toBeLessThanOrEqual(wanted / 4);
});
