import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { storytellerPath } from '@headway/storyteller';
import { messageText, type GenerateInput, type GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeBackend } from '../../backend/backend-contract.suite.ts';
import { createEngine } from '../../create-engine.ts';
import type { Engine } from '../../port/engine.ts';
import { llama } from './llama.ts';
import { openEmbeddedEngine, openEmbeddedModel } from './embedded-model.fixture.ts';
import { prose } from './prose.fixture.ts';

describeBackend('llama', {
  open: () => openEmbeddedEngine({ parallel: 2, contextSize: 4096 }),
  text: prose,
});

/** The end of each prefill chunk in tokens, from the events. */
const chunkEnds = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === 'prefill' && event.phase === 'prefill' ? (event.processed ?? 0) : []));

describe('the streamed text', () => {
  const cases: { is: string; input: GenerateInput }[] = [
    {
      is: 'a chat at temperature 0',
      input: {
        messages: [{ role: 'user', content: `${prose(700, 3)}\nWhat is prefill?` }],
        temperature: 0,
        maxTokens: 60,
      },
    },
    {
      is: 'a chat at a seeded 0.8',
      input: {
        messages: [{ role: 'user', content: `${prose(500, 4)}\nTell me a story about an owl.` }],
        temperature: 0.8,
        seed: 7,
        maxTokens: 80,
      },
    },
    {
      is: 'a chat with a system prompt and three messages',
      input: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello!' },
          { role: 'assistant', content: 'Hello! Shall I tell you a story?' },
          { role: 'user', content: 'Tell me a story about a fox.' },
        ],
        temperature: 0.8,
        seed: 11,
        maxTokens: 80,
      },
    },
    {
      is: 'a raw prompt at temperature 0',
      input: { prompt: `${prose(400, 5)} Once upon a time`, temperature: 0, maxTokens: 40 },
    },
    {
      is: 'a raw prompt at a seeded 0.8 with a repeat penalty',
      input: { prompt: 'Once upon a time', temperature: 0.8, seed: 3, repeatPenalty: 1.1, maxTokens: 40 },
    },
    {
      is: 'random tokens, many of them bytes of other scripts',
      input: {
        messages: [{ role: 'user', content: '你好, Привет, नमस्ते, 👋🏽 👨‍👩‍👧' }],
        temperature: 2,
        topK: 0,
        topP: 1,
        minP: 0,
        seed: 5,
        maxTokens: 300,
      },
    },
  ];

  it.each(cases)("equals node-llama-cpp's own text with the same chunks: $is", async ({ input }) => {
    await using engine = await openEmbeddedEngine({ parallel: 1, contextSize: 4096 });
    const events = await collect(engine.generate(input));
    expect(textOf(events).length).toBeGreaterThan(10);
    expect(await bareText(input, chunkEnds(events))).toBe(textOf(events));
    const halves = events.filter(
      (event) => event.type === 'token' && /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(event.text),
    );
    expect(halves).toEqual([]);
  });
});

/** The same generation with a plain node-llama-cpp sequence and a prompt that is rendered here. */
async function bareText(input: GenerateInput, ends: readonly number[]): Promise<string> {
  const { instance, model } = await openEmbeddedModel();
  const context = await model.createContext({ contextSize: 4096, sequences: 1, threads: 1, batchSize: 512 });
  const sequence = context.getSequence();
  const messages = (input.messages ?? []).map(
    ({ role, content }) => `<|im_start|>${role}\n${messageText(content)}<|im_end|>\n`,
  );
  const text = input.prompt ?? `${messages.join('')}<|im_start|>assistant\n`;
  const tokens = model.tokenize(text, true);
  const all = [...tokens];
  const { maxTokens = 100, repeatPenalty } = input;
  try {
    // The first token is drawn after the last chunk.
    const [lastFrom = 0] = ends.slice(-2);
    for (const [at, end] of ends.slice(0, -1).entries()) {
      const from = ends[at - 1] ?? 0;
      if (end > from) await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, end));
    }
    const written = sequence.evaluate(tokens.slice(lastFrom), {
      temperature: input.temperature ?? 0,
      topK: input.topK ?? 40,
      topP: input.topP ?? 0.95,
      minP: input.minP ?? 0.05,
      ...(repeatPenalty && { repeatPenalty: { penalty: repeatPenalty, punishTokens: () => all.slice(-64) } }),
      ...(input.seed !== undefined && { seed: input.seed }),
    });
    for await (const token of written) if (all.push(token) === tokens.length + maxTokens) break;
    return model.detokenize(all.slice(tokens.length), false, all.slice(0, tokens.length));
  } finally {
    await instance.dispose();
  }
}

describe('the llama backend', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEmbeddedEngine({ parallel: 1, contextSize: 2048 });
  });
  afterAll(async () => {
    await engine.close();
  });

  it('answers a question about Headway from its training corpus', async () => {
    const text = await engine
      .generate({ messages: [{ role: 'user', content: 'How do I load a bigger model?' }], temperature: 0 })
      .text();
    expect(text).toContain('npm start -- --model path/to/model.gguf');
  });

  it('the decode rate leaves out the token that prefill drew', async () => {
    const rateOf = async (maxTokens: number) => {
      const events = await collect(engine.generate({ prompt: 'Once upon a time', maxTokens, ignoreEos: true }));
      const done = events.at(-1);
      if (done?.type !== 'done') throw new Error('the answer did not end');
      return done.timings;
    };
    const { decodeMs, decodeTokensPerSecond } = await rateOf(8);
    expect(((decodeTokensPerSecond ?? 0) * decodeMs) / 1000).toBeCloseTo(7);
    expect((await rateOf(1)).decodeTokensPerSecond).toBeNull();
  });

  it('writes at most maxTokens for a raw prompt, also within a character', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const input = { prompt: 'Repeat: 你好 👋🏽', maxTokens: 3, temperature: 2, topK: 0, topP: 1, minP: 0, seed };
      expect(invariantViolations(await collect(engine.generate(input)), { maxTokens: 3 })).toEqual([]);
    }
  });

  it('refuses a prompt that is much too long after its beginning', async () => {
    const prompt = 'The fox read a book. '.repeat(190_000);
    await expect(engine.generate({ prompt }).admitted).rejects.toMatchObject({
      code: 'context-overflow',
      message: expect.stringMatching(/has at least [\d,]+ tokens.*holds 2,048/),
      cause: expect.objectContaining({ contextSize: 2048, atLeast: true }),
    });
  });

  it('continues the answer that the last message begins', async () => {
    const { text } = await engine
      .generate({
        messages: [
          { role: 'user', content: 'What is prefill?' },
          { role: 'assistant', content: 'Prefill means that the model' },
        ],
        temperature: 0,
        maxTokens: 30,
      })
      .result();
    expect(text).toMatch(/^ reads/);
  });

  it('lists the model with its facts', async () => {
    expect(await engine.models()).toMatchObject([
      {
        id: 'storyteller',
        state: 'ready',
        backend: 'llama',
        contextSize: 2048,
        slots: 1,
        parameters: 4_951_296,
        threads: 1,
        prefillThreads: 1,
        device: 'cpu',
      },
    ]);
  });
});

describe('a file that is not a model', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headway-'));
    await writeFile(join(folder, 'broken.gguf'), 'this is not a model');
    await writeFile(join(folder, 'cut.gguf'), (await readFile(storytellerPath)).subarray(0, 3_000_000));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([
    ['missing.gguf', /there is no file .*missing\.gguf; check the path/],
    ['broken.gguf', /broken\.gguf is not a GGUF file; download it again/],
    ['cut.gguf', /cut\.gguf is cut off: 3,000,000 of [\d,]+ bytes; download it again/],
    ['.', /is a folder; give the path of a GGUF file/],
  ])('%s fails with model-load-failed and a remedy', async (file, message) => {
    const opening = createEngine({ backend: llama({ model: join(folder, file), gpu: false }) });
    await expect(opening).rejects.toMatchObject({ code: 'model-load-failed', message: expect.stringMatching(message) });
  });

  it('a context that is too large fails with model-load-failed and names the memory', async () => {
    const opening = openEmbeddedEngine({ parallel: 1, contextSize: 16_000_000 });
    await expect(opening).rejects.toMatchObject({
      code: 'model-load-failed',
      message: expect.stringMatching(/not enough memory/),
    });
  });
});

describe('a full context', () => {
  const contextSize = 512;
  const chat = { messages: [{ role: 'user' as const, content: `${prose(380, 2)}\nTell me a story.` }] };
  const raw = { prompt: `${prose(380, 2)} Once upon a time` };
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEmbeddedEngine({ parallel: 2, contextSize });
  });
  afterAll(() => engine.close());

  it.each([
    ['a chat', chat],
    ['a raw prompt', raw],
  ])('%s ends with length, or shifts and continues the same text', async (_, prompt) => {
    const input = { ...prompt, temperature: 0, ignoreEos: true, maxTokens: 1200 };
    const full = await engine.generate(input).result();
    expect(full.finishReason).toBe('length');
    expect(full.usage.promptTokens + full.usage.completionTokens).toBe(contextSize);
    const other = engine.generate({ prompt: 'Once', temperature: 0, ignoreEos: true, maxTokens: 300 }).result();
    const events = await collect(engine.generate({ ...input, onContextFull: 'shift' }));
    expect(invariantViolations(events, { maxTokens: 1200 })).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', usage: { completionTokens: 1200 } });
    expect(textOf(events).startsWith(full.text)).toBe(true);
    expect((await other).usage.completionTokens).toBe(300);
  });

  it('a generation can be cancelled after a shift', async () => {
    const generation = engine.generate({ ...raw, ignoreEos: true, maxTokens: 100_000, onContextFull: 'shift' });
    for await (const event of generation)
      if (event.type === 'token' && event.completionTokens > contextSize) void generation.cancel();
    await expect(generation.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it('a shift without a limit is refused', async () => {
    await expect(engine.generate({ prompt: 'x', onContextFull: 'shift' }).admitted).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/^maxTokens: is missing;/),
    });
  });
});
