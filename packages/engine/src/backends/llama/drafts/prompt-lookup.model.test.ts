import { generateRequest, type GenerateInput, type Speculation } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import { LlamaSlot } from '../llama-slot.ts';
import { EventLoopQueue } from '../tokenizer/event-loop-queue.ts';
import { PromptLookup } from './prompt-lookup.ts';
import { openChat, type Chat } from '../prompt/open-chat.ts';
import { renderPrompt } from '../render-prompt.ts';
import { createNoEndBias } from '../decode/sampling.ts';
import { batchLoopOf, embeddedBackend, openEmbeddedModel } from '../embedded-model.fixture.ts';

const chat = (...contents: string[]): GenerateInput => ({
  messages: contents.map((content, at) => ({
    role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content,
  })),
});

const question = 'How do I load a bigger model?';
const answer = 'Start Headway with the path of a GGUF file: `npm start -- --model path/to/model.gguf`';
/** The prompt holds the answer, and the model repeats it. */
const repeating = chat(question, answer, question);
const sentence = 'The small fox and the old owl read a long report about the harbour. ';

const pinned: { is: string; input: GenerateInput }[] = [
  { is: 'an answer that the chat already holds', input: repeating },
  {
    is: 'a story that the chat already holds',
    input: chat(
      'Tell me a story about an owl.',
      'This is the story of Petra, an owl who lived in a swamp. Petra had a secret: behind the fog he had found a door no ' +
        'bigger than a book. He told nobody about it. At last, he went through.',
      'Tell me a story about an owl.',
    ),
  },
  { is: 'a question about a text', input: chat(`${sentence.repeat(20)}\nWhat does the text begin with?`) },
  { is: 'a raw text', input: { prompt: sentence.repeat(12) } },
  { is: 'a question', input: chat('What is prefill?') },
  { is: 'a text to continue', input: { prompt: 'Once upon a time' } },
];

describe('speculative decoding of four tokens a step', () => {
  let instance: Llama;
  let model: LlamaModel;
  let context: LlamaContext;
  let own: Chat;
  let guessing: LlamaSlot;
  let plain: LlamaSlot;
  beforeAll(async () => {
    ({ instance, model } = await openEmbeddedModel());
    context = await model.createContext({ contextSize: 1024, sequences: 2, threads: 1 });
    own = openChat(model);
    const noEndBias = () => createNoEndBias(model);
    const tokenPredictor = new PromptLookup(() => 4);
    const loop = batchLoopOf(context);
    guessing = new LlamaSlot({ sequence: context.getSequence({ tokenPredictor }), noEndBias, loop });
    plain = new LlamaSlot({ sequence: context.getSequence(), noEndBias, loop });
  });
  afterAll(async () => {
    await instance.dispose();
  });

  async function run(slot: LlamaSlot, input: GenerateInput, cancelAfter = Number.POSITIVE_INFINITY, chat = own) {
    const abort = new AbortController();
    const { signal } = abort;
    const request = generateRequest.parse({ temperature: 0, maxTokens: 80, ignoreEos: true, ...input });
    const prompt = await renderPrompt(request, {
      model,
      chat,
      eventLoop: new EventLoopQueue(),
      signal,
    });
    let [text, content, count, cached] = ['', '', 0, -1];
    const speculations: Speculation[] = [];
    await slot.prefill(prompt, {
      signal,
      nextChunk: (remaining) => Math.min(64, remaining),
      onRead: () => undefined,
      onProgress: (processed) => (cached = cached < 0 ? processed : cached),
    });
    const end = await slot
      .decode(prompt, {
        choice: 0,
        signal,
        maxTokens: request.maxTokens ?? 80,
        room: 1024 - prompt.total,
        onPiece: (piece) => {
          text += piece.text;
          if (piece.channel === 'content') content += piece.text;
          count += piece.count;
          if (count >= cancelAfter) abort.abort();
        },
        onSpeculation: (speculation) => speculations.push(speculation),
      })
      .then(
        ({ reason }) => reason,
        (thrown: unknown) => (thrown === signal.reason ? 'cancelled' : Promise.reject(thrown)),
      );
    return { text, content, count, end, cached, total: prompt.total, speculations };
  }

  /** Runs the request in both slots, each without any cached tokens. */
  async function inBoth(input: GenerateInput) {
    await Promise.all([guessing.forget(), plain.forget()]);
    return { guessed: await run(guessing, input), unguessed: await run(plain, input) };
  }

  it.each(pinned)('the text at temperature 0 stays the same: $is', async ({ input }) => {
    const { guessed, unguessed } = await inBoth(input);
    expect(unguessed.text.length).toBeGreaterThan(80);
    expect({ ...guessed, speculations: [] }).toEqual(unguessed);
    expect(guessed.speculations).toHaveLength(1);
  });

  it('guesses are right where the answer repeats the prompt, and the timings count them', async () => {
    const { guessed } = await inBoth(repeating);
    const [speculation] = guessed.speculations as [Speculation];
    expect(speculation.accepted).toBeGreaterThan(10);
    expect(speculation.accepted).toBeLessThanOrEqual(Math.min(speculation.drafted, guessed.count));
    expect(speculation.acceptanceRate).toBe(speculation.accepted / speculation.drafted);
  });

  it('an answer never exceeds maxTokens, wherever the limit falls', async () => {
    for (let maxTokens = 1; maxTokens <= 12; maxTokens++) {
      const { guessed, unguessed } = await inBoth({ ...repeating, maxTokens });
      expect(guessed).toMatchObject({ count: maxTokens, end: 'length', text: unguessed.text });
    }
  });

  it('a stop string ends the answer as without guesses', async () => {
    const { guessed, unguessed } = await inBoth({ ...repeating, stop: [' path'] });
    expect(unguessed.end).toBe('stop');
    expect({ ...guessed, speculations: [] }).toEqual(unguessed);
  });

  it('the end token ends the answer as without guesses', async () => {
    const { guessed, unguessed } = await inBoth({ ...chat('What is prefill?'), ignoreEos: false });
    expect(unguessed.end).toBe('stop');
    expect({ ...guessed, speculations: [] }).toEqual(unguessed);
  });

  it('an answer fills the context as without guesses', async () => {
    const { guessed, unguessed } = await inBoth({ prompt: sentence.repeat(62), maxTokens: 1024 - 944 });
    expect(unguessed.total + unguessed.count).toBeGreaterThan(1000);
    expect({ ...guessed, speculations: [] }).toEqual(unguessed);
  });

  it('an answer continues beyond the context as without guesses', async () => {
    const { guessed, unguessed } = await inBoth({
      prompt: sentence.repeat(62),
      onContextFull: 'shift',
      maxTokens: 150,
    });
    expect(unguessed.total + unguessed.count).toBeGreaterThan(1024);
    expect({ ...guessed, speculations: [] }).toEqual(unguessed);
  });

  it('a cancel at any token leaves a memory that matches its tokens', async () => {
    const whole = (await inBoth(repeating)).unguessed;
    for (let cancelAfter = 1; cancelAfter <= 9; cancelAfter++) {
      await guessing.forget();
      const cancelled = await run(guessing, repeating, cancelAfter);
      expect(cancelled).toMatchObject({ end: 'cancelled', count: cancelAfter });
      expect(whole.text.startsWith(cancelled.text)).toBe(true);
      const again = await run(guessing, repeating);
      expect(again.cached).toBe(again.total - 1);
      expect(again.text).toBe(whole.text);
    }
  });

  it('a format holds after a thought that repeats the prompt', async () => {
    const opened = openChat(model, `${own.template.source}{{ '<t>' }}`);
    const thinking: Chat = { ...opened, form: { ...opened.form, thought: { open: '<t>', close: ' path' } } };
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['n'] };
    const input: GenerateInput = {
      ...repeating,
      ignoreEos: false,
      responseFormat: { type: 'json', schema: { ...schema, additionalProperties: false } },
    };
    await guessing.forget();
    const { content, end } = await run(guessing, input, undefined, thinking);
    expect(end).toBe('stop');
    expect(JSON.parse(content)).toEqual({ n: expect.any(Number) });
  });

  it.each([
    ['a seed at a temperature over 0', { temperature: 0.8, seed: 7 }],
    ['a penalty on repetition', { repeatPenalty: 1.2 }],
    ['a penalty on presence', { presencePenalty: 1 }],
    ['a penalty on frequency', { frequencyPenalty: 0.5 }],
  ])('requests that guesses would change are not guessed: %s', async (_is, sampling) => {
    const { guessed, unguessed } = await inBoth({ ...repeating, ...sampling });
    expect(guessed.text).toBe(unguessed.text);
    expect(guessed.speculations).toEqual([{ drafted: 0, accepted: 0, acceptanceRate: null }]);
  });
});

it('timings have speculation counts exactly when the engine speculates, also after a cancel', async () => {
  const input = { ...repeating, temperature: 0, maxTokens: 60, ignoreEos: true };
  const timingsOf = async (speculate?: 'prompt-lookup') => {
    const backend = embeddedBackend({ speculate });
    await using engine = await createEngine({ backend, parallel: 1, contextSize: 2048 });
    const whole = await engine.generate(input).result();
    const generation = engine.generate(input);
    for await (const event of generation)
      if (event.type === 'token' && event.completionTokens >= 20) void generation.cancel();
    const cancelled = await generation.result();
    expect(cancelled.finishReason).toBe('cancelled');
    return { text: whole.text, timings: [whole.timings, cancelled.timings] };
  };
  const [guessing, plain] = [await timingsOf('prompt-lookup'), await timingsOf()];
  expect(guessing.text).toBe(plain.text);
  expect(plain.timings.map(({ speculation }) => speculation)).toEqual([undefined, undefined]);
  const [whole, cancelled] = guessing.timings.map(({ speculation }) => speculation);
  // The lookup tries each length once before it knows the length's duration.
  expect(whole?.drafted).toBeGreaterThan(0);
  expect(whole?.accepted).toBeGreaterThan(0);
  expect(cancelled?.drafted).toBeGreaterThan(0);
});
