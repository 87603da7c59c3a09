import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import OpenAI, { BadRequestError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { randomSchema, type RawSchema } from '@headway/json-grammar/testing';
import { soakScale } from '../../src/soak-scale.ts';
import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';

/** The most random sampling: any token that the grammar allows may occur. */
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

/** The result for a schema: the fault of the text, or why there is no text. */
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

test('answers with random schemas are valid wherever they end by themselves', { timeout: 300_000 }, async () => {
  const wanted = 200 * soakScale();
  // A few schemas match nothing or are ambiguous, and are refused.
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
  // Where a schema allows endless documents, this model writes up to its token limit, with the finish reason length.
  expect(count('cut off')).toBeLessThanOrEqual(wanted / 3);
  expect(count('refused')).toBeLessThanOrEqual(wanted / 4);
});
