import type { DoneEvent, GenerateInput, GenerationEvent } from '@headway/protocol';
import { collect, textOf } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { soakScale } from '../../src/soak-scale.ts';
import { dialectNames, type DialectName, type UpstreamScript } from '../upstream-script.ts';
import { chat, openRemote } from './open-remote.ts';

const answer = 'The quick brown fox jumps over the lazy dog.';
const schema = { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] } as const;
const tools = [{ name: 'weather', description: 'The weather in a city', parameters: schema }];

function doneOf(events: readonly GenerationEvent[], index = 0): DoneEvent {
  const done = events.find((event): event is DoneEvent => event.type === 'done' && event.index === index);
  if (!done) throw new Error(`choice ${index} is not done: ${JSON.stringify(events.at(-1))}`);
  return done;
}

/** What a server lacks, by the name of the field. */
const lacks: Record<DialectName, readonly string[]> = {
  openai: [],
  'llama-server': [],
  vllm: [],
  sglang: [],
  exo: ['responseFormat', 'toolChoice', 'logitBias', 'prompt'],
  swiftlm: ['logprobs', 'responseFormat', 'toolChoice', 'logitBias'],
  'mlx-lm': ['logprobs', 'responseFormat', 'toolChoice'],
  'lm-studio': ['logprobs'],
  ollama: ['toolChoice', 'logitBias'],
};

const asked: Record<string, GenerateInput> = {
  logprobs: chat('hello', { logprobs: 2 }),
  responseFormat: chat('hello', { responseFormat: { type: 'json', schema } }),
  toolChoice: chat('hello', { tools, toolChoice: 'required' }),
  logitBias: chat('hello', { logitBias: { 5: 1 } }),
  prompt: { prompt: 'Once upon a time' },
};

describe.each(dialectNames)('through %s', (dialect) => {
  it('an answer has text, reasoning, usage and an end', async () => {
    const text = 'Überall 🙂 grüne Wiesen.';
    await using pair = await openRemote({ dialect, replies: [{ reasoning: 'Let me think.', text }] });
    const events = await pair.ask(chat('hello', { maxTokens: 100 }));
    expect(textOf(events)).toBe(text);
    expect(textOf(events, { channel: 'reasoning' })).toBe('Let me think.');
    const done = doneOf(events);
    expect(done).toMatchObject({ finishReason: 'stop', toolCalls: [] });
    const [request] = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(done.usage.completionTokens).toBe(request?.tokensSent);
    expect(done.usage.promptTotal).toBeGreaterThan(3);
    expect(request?.aborted).toBe(false);
  });

  it('a limit ends it', async () => {
    await using pair = await openRemote({ dialect, replies: [{ text: 'word ', endless: true }] });
    const done = doneOf(await pair.ask(chat('hello', { maxTokens: 5 })));
    expect(done).toMatchObject({ finishReason: 'length', usage: { completionTokens: 5 } });
  });

  it('tools are called, one or several', async () => {
    const calls = [
      { name: 'weather', arguments: '{"color":"blue"}' },
      { name: 'weather', arguments: '{"color":"red"}' },
    ];
    await using pair = await openRemote({ dialect, replies: [{ when: 'sunny', text: answer }, { calls }] });
    const events = await pair.ask(chat('hello', { tools }));
    const done = doneOf(events);
    expect(done.finishReason).toBe('tool-calls');
    expect(done.toolCalls).toMatchObject(calls);
    expect(new Set(done.toolCalls.map(({ id }) => id)).size).toBe(2);
    const told = events.flatMap((event) => (event.type === 'token' && event.toolCall ? [event] : []));
    for (const [index, { arguments: args }] of calls.entries()) {
      const pieces = told.filter(({ toolCall }) => toolCall?.index === index);
      expect(pieces.map(({ text }) => text).join('')).toBe(args);
    }
    // The second turn is understood.
    const more: GenerateInput = {
      tools,
      toolChoice: 'none',
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: '', toolCalls: done.toolCalls },
        ...done.toolCalls.map(({ id }) => ({ role: 'tool' as const, toolCallId: id, content: 'sunny' })),
      ],
    };
    const second = await pair.ask(more);
    expect([textOf(second), second.at(-1)]).toEqual([answer, expect.objectContaining({ type: 'done' })]);
  });

  it('fields that it has are sent, and others refused by name', async () => {
    await using pair = await openRemote({ dialect });
    for (const [field, request] of Object.entries(asked)) {
      const events = await collect(pair.engine.generate(request));
      const outcome = events[0]?.type === 'error' ? events[0].code : textOf(events);
      expect([field, outcome]).toEqual([field, lacks[dialect].includes(field) ? 'invalid-request' : answer]);
      expect(JSON.stringify(events[0])).toContain(lacks[dialect].includes(field) ? field : 'prefill');
    }
    const told = (await pair.engine.models())[0]?.remote?.lacks.join();
    for (const field of lacks[dialect].filter((one) => one !== 'prompt')) expect(told).toContain(field);
  });

  it('several choices come, from one request or several', async () => {
    const replies = [{ text: 'first one', others: ['second', 'and third'] }];
    await using pair = await openRemote({ dialect, replies }, { concurrency: 4 });
    const events = await pair.ask(chat('hello', { choices: 3 }));
    const texts = [0, 1, 2].map((index) => textOf(events, { index }));
    const posts = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    // Servers without `n` are asked three times, and the scripted one answers the same each time.
    const expected =
      posts.length === 1 ? ['first one', 'second', 'and third'] : ['first one', 'first one', 'first one'];
    expect(texts).toEqual(expected);
    expect(posts.length).toBe(['llama-server', 'vllm', 'sglang'].includes(dialect) ? 1 : 3);
    for (const index of [0, 1, 2]) expect(doneOf(events, index).finishReason).toBe('stop');
  });

  it('chunks may hold several tokens, and are counted all the same', async () => {
    await using pair = await openRemote({ dialect, tokensPerChunk: 3 });
    const events = await pair.ask(chat('hello'));
    const [request] = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(textOf(events)).toBe(answer);
    expect(doneOf(events).usage.completionTokens).toBe(request?.tokensSent);
  });

  it('bytes may be cut anywhere, with comments, CRLF and keep-alives between', async () => {
    const text = 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich 🙂.';
    const script: UpstreamScript = { dialect, replies: [{ reasoning: 'Ähm…', text }], keepAliveMs: 2 };
    await using pair = await openRemote(script);
    for (let seed = 1; seed <= 30 * soakScale(); seed++) {
      await pair.upstream.change({
        cut: { seed, most: 1 + 3 * (seed % 4) },
        crlf: seed % 2 === 0,
        ...(dialect !== 'ollama' && { comments: { text: `ping ${seed}`, every: 2 } }),
        decode: { msPerToken: seed === 3 ? 3 : 0 },
      });
      const events = await pair.ask(chat(`hello ${seed}`));
      expect([textOf(events), textOf(events, { channel: 'reasoning' })]).toEqual([text, 'Ähm…']);
    }
  });
});

describe('cached tokens', () => {
  it.each(['llama-server', 'vllm', 'sglang', 'exo', 'mlx-lm', 'openai'] as const)('are told: %s', async (dialect) => {
    await using pair = await openRemote({ dialect });
    const long = 'A prompt of some length that is sent twice. '.repeat(20);
    const first = doneOf(await pair.ask(chat(long)));
    const second = doneOf(await pair.ask(chat(long)));
    expect(first.usage.cachedTokens).toBe(0);
    expect(second.usage.cachedTokens).toBeGreaterThan(100);
    expect(second.usage.cachedTokens).toBeLessThan(second.usage.promptTotal ?? 0);
  });
});

describe('log-probabilities', () => {
  it.each(['openai', 'llama-server', 'vllm', 'sglang', 'exo', 'ollama'] as const)(
    'one a token: %s',
    async (dialect) => {
      await using pair = await openRemote({ dialect });
      const events = await pair.ask(chat('hello', { logprobs: 2 }));
      const tokens = events.flatMap((event) => (event.type === 'token' ? [event] : []));
      for (const { count, logprobs } of tokens) expect(logprobs).toHaveLength(count);
      const listed = tokens.flatMap(({ logprobs = [] }) => logprobs);
      expect(listed.map(({ token }) => token).join('')).toBe(answer);
      for (const { logprob, top } of listed) {
        expect(logprob).toBeLessThan(0);
        expect(top).toHaveLength(2);
      }
    },
  );
});

describe('raw text', () => {
  // Some end it after 16 tokens, others after 512, unless they are asked for more: for the rest of the context.
  it.each([
    ['llama-server', { return_progress: true }],
    ['vllm', { max_tokens: 4092 }],
    ['sglang', { max_tokens: 4092 }],
    ['swiftlm', { max_tokens: 32_768 }],
    ['mlx-lm', { max_tokens: 32_768 }],
    ['ollama', { raw: true }],
    ['lm-studio', {}],
    ['openai', {}],
  ] as const)('is continued as it is, to its end: %s', async (dialect, fields) => {
    await using pair = await openRemote({ dialect });
    expect(textOf(await pair.ask({ prompt: 'Once upon a time' }))).toBe(answer);
    const sent = (await pair.upstream.requests()).find(({ tokensSent }) => tokensSent > 0);
    expect(sent?.body).toMatchObject({ prompt: 'Once upon a time', ...fields });
  });
});
