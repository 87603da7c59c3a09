import type { GenerateInput } from '@headway/protocol';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../../port/engine.ts';
import { openEmbeddedEngine } from './embedded-model.fixture.ts';

const contextSize = 512;

let engine: Engine;
beforeAll(async () => {
  engine = await openEmbeddedEngine({ parallel: 1, contextSize });
});
afterAll(async () => {
  await engine.close();
});

/** A schema whose shortest value exceeds the context. */
const endless = {
  type: 'object',
  properties: { notes: { type: 'array', items: { type: 'boolean' }, minItems: 1000 } },
  required: ['notes'],
  additionalProperties: false,
};
const messages: GenerateInput['messages'] = [
  { role: 'user', content: 'Tell me a story.' },
  { role: 'assistant', content: 'Once upon a time there was a fox. '.repeat(8) },
  { role: 'user', content: 'Go on.' },
];
const tools: GenerateInput['tools'] = [{ name: 'write', parameters: endless }];

describe.each<[what: string, input: Partial<GenerateInput>]>([
  ['a call', { tools, toolChoice: { name: 'write' } }],
  ['one of several calls', { tools: [...tools, { name: 'sit' }], toolChoice: 'required', seed: 1 }],
  ['a format', { responseFormat: { type: 'json', schema: endless } }],
])('a context that is full in the middle of %s', (_, input) => {
  it.each([undefined, 2])('ends the answer with length, without a context shift (logprobs: %j)', async (logprobs) => {
    const short = messages.slice(input.tools ? 2 : 0);
    const events = await collect(engine.generate({ messages: short, logprobs, ...input }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length' });
    const used = events.map((event) =>
      event.type === 'done' ? event.usage.promptTokens + event.usage.completionTokens : 0,
    );
    // The form's text around a call is not counted.
    expect(Math.max(...used)).toBeGreaterThan(contextSize - 32);
    expect(Math.max(...used)).toBeLessThanOrEqual(contextSize);
  });
});
