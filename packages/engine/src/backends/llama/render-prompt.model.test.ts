import { generateRequest, type GenerateInput } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { LlamaSlot } from './llama-slot.ts';
import { EventLoopQueue, sliceMs } from './tokenizer/event-loop-queue.ts';
import { openChat } from './prompt/open-chat.ts';
import { renderPrompt } from './render-prompt.ts';
import { createNoEndBias } from './decode/sampling.ts';
import { pieceBytes } from './tokenizer/tokenize-in-pieces.ts';
import { batchLoopOf, openEmbeddedModel } from './embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
/** Characters tokenized in the current event-loop tick. */
let atOnce = 0;
let atAll = 0;
/** Characters a millisecond, on the clock of these tests. */
const speed = 1000;
const now = () => atAll / speed;
/** A slice, and the call that began before its end. */
const mostAtOnce = sliceMs * speed + pieceBytes;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  const { tokenizer } = model;
  const counting = (...call: [text: string]) => {
    atOnce += call[0].length;
    atAll += call[0].length;
    return tokenizer(...call);
  };
  const value = Object.assign(counting, tokenizer);
  Object.defineProperties(model, { tokenizer: { value }, tokenize: { value } });
  context = await model.createContext({ contextSize: 8192, sequences: 1, threads: 1 });
});
afterAll(async () => {
  await instance.dispose();
});

function rendering() {
  return { model, chat: openChat(model) };
}

const long = 'The small fox read a book to the owl, and the owl asked for one more. '.repeat(130);
const short = Array.from({ length: 110 }, (_, at): { role: 'user' | 'assistant'; content: string } => ({
  role: at % 2 === 0 ? 'user' : 'assistant',
  content: `${long.slice(0, 80)} ${at}`,
}));

const prompts: { is: string; input: GenerateInput }[] = [
  { is: 'one long message', input: { messages: [{ role: 'user', content: long }] } },
  { is: 'many short messages', input: { messages: [...short, { role: 'user', content: 'And then?' }] } },
  {
    is: 'a long answer that is continued',
    input: {
      messages: [
        { role: 'user', content: 'Go on.' },
        { role: 'assistant', content: long },
      ],
    },
  },
  {
    is: 'a long message and a tool',
    input: { messages: [{ role: 'user', content: long }], tools: [{ name: 'look' }] },
  },
  { is: 'a long raw text', input: { prompt: long } },
];

it.each(prompts)('tokenizes piece by piece, and decodes without tokenizing again: $is', async ({ input }) => {
  const request = generateRequest.parse({ ...input, temperature: 0 });
  const { signal } = new AbortController();
  const pieces: number[] = [];
  const turn = () => {
    pieces.push(atOnce);
    atOnce = 0;
  };
  class CountingQueue extends EventLoopQueue {
    override async next(owner: string): Promise<void> {
      turn();
      await super.next(owner);
    }
  }
  const options = { ...rendering(), eventLoop: new CountingQueue(now), signal };
  const tokens = model.tokenizer(long).length;
  atOnce = 0;
  const prompt = await renderPrompt(request, options);
  turn();
  expect(prompt.total).toBeGreaterThan(tokens * 0.8);
  expect(pieces.length).toBeGreaterThanOrEqual(Math.floor(long.length / mostAtOnce));
  expect(Math.max(...pieces)).toBeLessThan(mostAtOnce);

  const sequence = context.getSequence();
  const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model), loop: batchLoopOf(context) });
  await slot.prefill(prompt, {
    signal,
    nextChunk: (remaining) => Math.min(512, remaining),
    onRead: () => undefined,
    onProgress: () => undefined,
  });
  const { usedInputTokens } = sequence.tokenMeter;
  turn();
  let written = 0;
  await slot.decode(prompt, { choice: 0, signal, maxTokens: 8, room: 8, onPiece: ({ count }) => (written += count) });
  expect(written).toBe(8);
  expect(sequence.tokenMeter.usedInputTokens - usedInputTokens).toBeLessThanOrEqual(8);
  expect(atOnce).toBeLessThan(pieceBytes);
  await slot.dispose();
});

it('stops after the current piece when it is aborted', async () => {
  const abort = new AbortController();
  const request = generateRequest.parse({ prompt: long });
  const reason = new Error('gone');
  class AbortingQueue extends EventLoopQueue {
    override async next(owner: string): Promise<void> {
      abort.abort(reason);
      await super.next(owner);
    }
  }
  const options = rendering();
  atOnce = 0;
  const prompt = renderPrompt(request, { ...options, eventLoop: new AbortingQueue(now), signal: abort.signal });
  await expect(prompt).rejects.toBe(reason);
  expect(atOnce).toBeLessThan(mostAtOnce);
});
