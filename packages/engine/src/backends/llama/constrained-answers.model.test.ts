import type { DoneEvent, GenerateInput, TokenEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../../port/engine.ts';
import { openEmbeddedEngine } from './embedded-model.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEmbeddedEngine({ parallel: 2, contextSize: 4096 });
});
afterAll(async () => {
  await engine.close();
});

const messages: GenerateInput['messages'] = [{ role: 'user', content: 'Tell me a story about a fox.' }];
const tools: GenerateInput['tools'] = [
  { name: 'sit', description: 'Sits down.' },
  {
    name: 'find_book',
    description: 'Finds a book.',
    parameters: {
      type: 'object',
      properties: { title: { type: 'string', maxLength: 20 }, count: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['title', 'count'],
      additionalProperties: false,
    },
    strict: true,
  },
];
const schema = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 20 }, age: { type: 'integer', minimum: 7, maximum: 31 } },
  required: ['name', 'age'],
  additionalProperties: false,
};
const format: GenerateInput['responseFormat'] = { type: 'json', schema };

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

async function run(input: GenerateInput) {
  const events = await collect(engine.generate(input));
  expect(invariantViolations(events)).toEqual([]);
  const tokens = events.filter((event): event is TokenEvent => event.type === 'token');
  const dones = events.filter((event): event is DoneEvent => event.type === 'done');
  return { events, tokens, dones, text: textOf(events) };
}

describe('log-probabilities', () => {
  it('come one for each token, and do not change the text at temperature 0', async () => {
    const asked = { messages, temperature: 0, maxTokens: 40 };
    const silent = await run(asked);
    const { tokens, text } = await run({ ...asked, logprobs: 3 });
    expect(text).toBe(silent.text);
    expect(silent.tokens.every(({ logprobs }) => logprobs === undefined)).toBe(true);
    for (const { count, logprobs = [], text: piece } of tokens) {
      expect(logprobs.length).toBe(count);
      expect(Buffer.from(logprobs.flatMap(({ bytes }) => bytes)).toString()).toContain(piece.trimStart());
    }
    for (const { token, logprob, top } of tokens.flatMap(({ logprobs = [] }) => logprobs)) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top.length).toBe(3);
      // Temperature 0 takes the likeliest token.
      expect(top[0]).toMatchObject({ token, logprob });
      expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).toSorted((a, b) => b - a));
      expect(top.reduce((sum, one) => sum + Math.exp(one.logprob), 0)).toBeLessThanOrEqual(1.0001);
    }
  });

  it("are the model's own at any temperature, topK, topP and minP", async () => {
    const first = async (rest: Partial<GenerateInput>) => {
      const { tokens } = await run({ messages, maxTokens: 1, logprobs: 5, ...rest });
      return tokens[0]?.logprobs?.[0]?.top.map(({ token, logprob }) => [token, logprob.toFixed(3)]);
    };
    const cold = await first({ temperature: 0 });
    expect(cold?.length).toBe(5);
    expect(await first({ temperature: 2, topK: 2, topP: 0.1, minP: 0.9, seed: 5 })).toEqual(cold);
  });

  it('come with a raw prompt and sampling, the same for the same seed', async () => {
    const asked: GenerateInput = { prompt: 'Once upon a time', temperature: 1.2, seed: 9, maxTokens: 30, logprobs: 0 };
    const [one, two] = [await run(asked), await run(asked)];
    expect(one.text).toBe(two.text);
    expect(one.tokens.flatMap(({ logprobs = [] }) => logprobs.map(({ top }) => top.length))).toEqual(Array(30).fill(0));
    expect((await run({ ...asked, seed: 10 })).text).not.toBe(one.text);
  });

  it('have the bytes of a token that is part of a character', async () => {
    const { tokens, text } = await run({
      messages: [{ role: 'user', content: 'Repeat: 你好 👋🏽 é' }],
      temperature: 2,
      topK: 0,
      topP: 1,
      minP: 0,
      seed: 5,
      maxTokens: 200,
      ignoreEos: true,
      logprobs: 0,
    });
    const all = tokens.flatMap(({ logprobs = [] }) => logprobs);
    expect(all.some(({ token }) => token.includes('\ufffd'))).toBe(true);
    const whole = text.replaceAll('\ufffd', '');
    expect(whole.length).toBeGreaterThan(50);
    const bytes = Buffer.from(all.flatMap((one) => one.bytes));
    const foreign = tokens.filter((token) => /[^\p{ASCII}]/u.test(token.text) && !token.text.includes('\ufffd'));
    for (const piece of foreign) expect(bytes.includes(Buffer.from(piece.text))).toBe(true);
  });

  it('work with a format and with tools', async () => {
    const { text } = await run({ messages, responseFormat: format, logprobs: 1, seed: 3, maxTokens: 200 });
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['name', 'age']);
    const { tokens, dones } = await run({ messages, tools, toolChoice: 'required', logprobs: 1, seed: 3 });
    expect(dones[0]).toMatchObject({ finishReason: 'tool-calls' });
    for (const { count, logprobs } of tokens) expect(logprobs?.length).toBe(count);
  });
});

describe('a format', () => {
  it.each([
    ['temperature 0', { temperature: 0 }],
    ['temperature 1.5', { temperature: 1.5, seed: 4 }],
    ['a raw prompt', { messages: undefined, prompt: 'Once', seed: 4 }],
    ['two choices', { choices: 2, seed: 4 }],
  ] as [string, Partial<GenerateInput>][])('is kept with %s', async (_, rest) => {
    const { tokens, dones } = await run({ messages, responseFormat: format, maxTokens: 200, ...rest });
    expect(dones.length).toBe(rest.choices ?? 1);
    for (const { index, finishReason } of dones) {
      expect(finishReason).toBe('stop');
      const text = tokens.map((token) => (token.index === index ? token.text : '')).join('');
      const { name, age } = JSON.parse(text) as { name: string; age: number };
      expect(Array.from(name).length).toBeLessThanOrEqual(20);
      expect(age).toBeGreaterThanOrEqual(7);
      expect(age).toBeLessThanOrEqual(31);
    }
  });

  it('that is cut off ends with length', async () => {
    const { dones } = await run({ messages, responseFormat: format, maxTokens: 3 });
    expect(dones[0]).toMatchObject({ finishReason: 'length' });
  });

  it('continues the text that the last message begins', async () => {
    const begun = '{"name": "B';
    const asked: GenerateInput['messages'] = [...messages, { role: 'assistant', content: begun }];
    const { text, dones } = await run({ messages: asked, responseFormat: format, seed: 4 });
    expect(dones[0]).toMatchObject({ finishReason: 'stop' });
    expect(JSON.parse(begun + text)).toMatchObject({ name: expect.stringMatching(/^B/), age: expect.any(Number) });
  });

  it('is refused at admission when the last message begins otherwise', async () => {
    const asked: GenerateInput['messages'] = [...messages, { role: 'assistant', content: 'Sure: {' }];
    await expect(engine.generate({ messages: asked, responseFormat: format }).admitted).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(
        'messages: the text that the last message begins does not fit responseFormat',
      ) as string,
    });
  });

  it('without a schema is a JSON object', async () => {
    const { text, dones } = await run({ messages, responseFormat: { type: 'json' }, temperature: 0, maxTokens: 1000 });
    const ended = dones[0]?.finishReason === 'stop';
    expect(ended ? text : `${text.charAt(0)}}`).toSatisfy((json: string) => isObject(JSON.parse(json)));
  });
});

describe('tools', () => {
  it('get arguments that fit their schemas, in pieces', async () => {
    const { tokens, dones } = await run({ messages, tools, toolChoice: { name: 'find_book' }, seed: 8 });
    const [done] = dones;
    expect(done).toMatchObject({ finishReason: 'tool-calls', toolCalls: [{ name: 'find_book' }] });
    const [call] = done?.toolCalls ?? [];
    const args = JSON.parse(call?.arguments ?? '') as { title: string; count: number };
    expect(Object.keys(args)).toEqual(['title', 'count']);
    expect([1, 2, 3, 4, 5]).toContain(args.count);
    expect(tokens.length).toBeGreaterThan(5);
    for (const { channel, toolCall } of tokens) {
      expect({ channel, toolCall }).toEqual({
        channel: 'tool-call',
        toolCall: { index: 0, id: call?.id, name: 'find_book' },
      });
    }
    expect(tokens.map(({ text }) => text).join('')).toBe(call?.arguments);
  });

  it('without parameters get an empty object', async () => {
    const { dones } = await run({ messages, tools, toolChoice: { name: 'sit' }, seed: 1 });
    expect(dones[0]?.toolCalls).toMatchObject([{ name: 'sit', arguments: '{}' }]);
  });

  it('are called by each choice, with ids of its own', async () => {
    const { dones } = await run({ messages, tools, toolChoice: 'required', choices: 2, temperature: 1, seed: 2 });
    expect(dones.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'tool-calls']);
    expect(new Set(dones.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id))).size).toBe(2);
  });

  it('combine with a format: the answer is a call or a text in the format', async () => {
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= 12; seed++) {
      const { text, dones, tokens } = await run({ messages, tools, responseFormat: format, seed, temperature: 1.5 });
      const [done] = dones;
      const calls = done?.toolCalls.map((call) => call.arguments) ?? [];
      for (const json of calls.length > 0 ? calls : [text]) expect(JSON.parse(json)).toSatisfy(isObject);
      const channel = calls.length > 0 ? 'tool-call' : 'content';
      expect(tokens.filter((token) => token.channel !== channel)).toEqual([]);
      const keys = calls.length > 0 ? ['a call'] : Object.keys(JSON.parse(text) as object);
      const end = `${done?.finishReason}: ${keys.join(', ')}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect([...ends.keys()].filter((end) => end !== 'tool-calls: a call')).toEqual(['stop: name, age']);
  });

  it('leave the answer alone where the model does not call', async () => {
    const { dones, text } = await run({ messages, tools, temperature: 0, maxTokens: 30 });
    expect(dones[0]).toMatchObject({ toolCalls: [] });
    expect(text.length).toBeGreaterThan(10);
  });

  it('are not in the prompt with toolChoice none', async () => {
    const [without, none] = [
      await run({ messages, temperature: 0, maxTokens: 10 }),
      await run({ messages, tools, toolChoice: 'none', temperature: 0, maxTokens: 10 }),
    ];
    expect(none.dones[0]?.usage.promptTokens).toBe(without.dones[0]?.usage.promptTokens);
    expect(none.text).toBe(without.text);
  });

  it('a call that is cut off is not reported', async () => {
    const { dones, tokens } = await run({ messages, tools, toolChoice: { name: 'find_book' }, maxTokens: 16, seed: 1 });
    expect(dones[0]).toMatchObject({ finishReason: 'length', toolCalls: [] });
    expect(tokens.length).toBeGreaterThan(0);
  });

  it('a cancelled call frees its slot', async () => {
    const generation = engine.generate({ messages, tools, toolChoice: { name: 'find_book' } });
    for await (const event of generation) if (event.type === 'token') break;
    await generation.cancel();
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it.each<[field: RegExp, input: Partial<GenerateInput>]>([
    [
      /^tools\[1\]\.parameters\.properties\.title\.uniqueItems: /,
      {
        tools: [
          tools[0] ?? { name: 'x' },
          { name: 'find', strict: true, parameters: { type: 'object', properties: { title: { uniqueItems: true } } } },
        ],
      },
    ],
    [/^tools\[0\]\.parameters\.type: /, { tools: [{ name: 'find', parameters: { type: 'string' } }] }],
    [/^responseFormat\.schema\.not: /, { responseFormat: { type: 'json', strict: true, schema: { not: {} } } }],
  ])('a strict or invalid schema that cannot be kept is refused: %s', async (field, input) => {
    const generation = engine.generate({ messages, ...input });
    await expect(generation.result()).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(field),
    });
  });

  it('a schema without strict is kept as far as a grammar can', async () => {
    const parameters = {
      type: 'object',
      properties: { mail: { type: 'string', format: 'email', pattern: '^.+@.+$', maxLength: 10 } },
      required: ['mail'],
      propertyNames: { pattern: '^[a-z]+$' },
    };
    const { dones } = await run({ messages, tools: [{ name: 'f', parameters }], toolChoice: 'required', seed: 1 });
    expect(JSON.parse(dones[0]?.toolCalls[0]?.arguments ?? '')).toEqual({ mail: expect.any(String) });
  });
});
