import { storytellerPath } from '@headway/storyteller';
import { type GenerateInput, type GenerationEvent } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEngine } from '../../create-engine.ts';
import type { Engine } from '../../port/engine.ts';
import { llama } from './llama.ts';

const contextSize = 512;

let engine: Engine;
beforeAll(async () => {
  const backend = llama({ model: storytellerPath, gpu: false, threads: 1 });
  engine = await createEngine({ backend, parallel: 1, contextSize });
});
afterAll(async () => {
  await engine.close();
});

/** More than the context holds. */
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
  it.each([undefined, 2])('ends the answer by its length, and is not read again (logprobs: %j)', async (logprobs) => {
    const events: GenerationEvent[] = [];
    const short = messages.slice(input.tools ? 2 : 0);
    for await (const event of engine.generate({ messages: short, logprobs, ...input })) events.push(event);
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length' });
    const used = events.map((event) =>
      event.type === 'done' ? event.usage.promptTokens + event.usage.completionTokens : 0,
    );
    // Around a call stands what nobody counts.
    expect(Math.max(...used)).toBeGreaterThan(contextSize - 32);
    expect(Math.max(...used)).toBeLessThanOrEqual(contextSize);
  });
});
