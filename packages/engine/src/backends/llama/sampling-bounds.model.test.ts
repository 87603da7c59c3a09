import { generateRequest, type GenerateInput } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Engine } from '../../port/engine.ts';
import { openEmbeddedEngine } from './embedded-model.fixture.ts';

// Ten times a property's runs: 10,000 requests in a soak, 1,000 otherwise.
const requests = 10 * (fc.readConfigureGlobal().numRuns ?? 100);
const atOnce = 8;

let engine: Engine;
beforeAll(async () => {
  engine = await openEmbeddedEngine({ parallel: 4, contextSize: 512 });
});
afterAll(async () => {
  await engine.close();
});

/** Numbers at and near the ends of a range, near 0, near the limits of 32-bit floats, and in between. */
function between(min: number, max: number, { open = false } = {}): fc.Arbitrary<number> {
  const span = max - min;
  const near = [0, 1, Number.MIN_VALUE, 1e-320, 1e-45, 1e-40, 1e-38, 1e-9, 1e-6, 1e-4, 1 - 2 ** -53, 1 - 1e-8];
  const edges = [min, max, min + span * Number.EPSILON, max - span * Number.EPSILON, ...near, ...near.map((at) => -at)];
  const inside = edges.filter((at) => (open ? at > min : at >= min) && at <= max);
  return fc.oneof(
    fc.constantFrom(...inside),
    fc.double({ min, max, minExcluded: open, noNaN: true }),
    // Random doubles are mostly near 0.
    fc.integer({ min: 1, max: 1000 }).map((part) => min + (span * part) / 1000),
  );
}

/** Of the embedded model's 2,048 tokens the bytes come first, which grammars mostly allow. */
const token = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2047 })).map(String);

const ruledOut = (from: number, to: number) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, at) => [from + at, -100]));
/** Biases that rule out most tokens that grammars allow. */
const [noBytes, bytesOnly] = [ruledOut(0, 1000), ruledOut(1024, 2048)];

const sampling = fc.record(
  {
    temperature: between(0, 2),
    topP: between(0, 1, { open: true }),
    topK: fc.oneof(fc.constantFrom(0, 1, 2, 40, 1_000_000), fc.integer({ min: 0, max: 1_000_000 })),
    minP: between(0, 1),
    repeatPenalty: between(0, 2, { open: true }),
    presencePenalty: between(-2, 2),
    frequencyPenalty: between(-2, 2),
    logitBias: fc.oneof(fc.dictionary(token, between(-100, 100), { maxKeys: 40 }), fc.constantFrom(bytesOnly, noBytes)),
    seed: fc.constantFrom(0, 1, 7, 0xffff_ffff),
    logprobs: fc.constantFrom(undefined, undefined, 0, 20),
  },
  { requiredKeys: [] },
);

/** Without cuts, tokens of no probability may be drawn, and sums may overflow. */
const cuts = fc.constantFrom({}, { topK: 0, topP: 1, minP: 0 });

const messages: GenerateInput['messages'] = [{ role: 'user', content: 'How old is the fox?' }];
const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 7, maximum: 31 } }, required: ['age'] };
const task = fc.constantFrom<Partial<GenerateInput>>(
  { prompt: 'The fox is' },
  { prompt: 'The fox is', ignoreEos: true },
  { messages },
  { messages, responseFormat: { type: 'json', schema } },
  { prompt: 'The fox is', responseFormat: { type: 'json', schema: { type: 'integer', minimum: 0, maximum: 99 } } },
  { prompt: 'The fox is', responseFormat: { type: 'json' } },
  { messages, tools: [{ name: 'sit', parameters: schema }], toolChoice: 'required' },
  { messages, tools: [{ name: 'sit', parameters: schema }] },
  { messages, tools: [{ name: 'sit', parameters: schema }], responseFormat: { type: 'json', schema } },
);

const request = fc
  .tuple(task, sampling, cuts, fc.integer({ min: 1, max: 6 }))
  .map(([asked, sampled, cut, maxTokens]): GenerateInput => ({ ...asked, ...sampled, ...cut, maxTokens }));

/** A fault in a request's answer, or null. */
async function faultOf(input: GenerateInput): Promise<string | null> {
  expect(generateRequest.safeParse(input).error).toBeUndefined();
  const events = await collect(engine.generate(input));
  const last = events.at(-1);
  if (last?.type !== 'done') return last?.type === 'error' ? last.message : 'the stream has no last event';
  const [violation] = invariantViolations(events, { maxTokens: input.maxTokens });
  if (violation !== undefined) return violation;
  if (input.responseFormat && last.finishReason === 'stop') JSON.parse(textOf(events));
  return null;
}

it(
  'every request that the schema accepts gets an answer, in its format',
  async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: atOnce, maxLength: atOnce }), async (inputs) => {
        const faults = await Promise.all(inputs.map(async (input) => faultOf(input).catch(String)));
        expect(faults).toEqual(inputs.map(() => null));
        answered += faults.length;
      }),
      { numRuns: Math.ceil(requests / atOnce) },
    );
    expect(answered).toBeGreaterThanOrEqual(requests);
  },
  requests * 200,
);
