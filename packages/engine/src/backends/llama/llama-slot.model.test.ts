import { fileURLToPath } from 'node:url';

import { generateRequest } from '@headway/protocol';
import {
  AlpacaChatWrapper,
  ChatMLChatWrapper,
  type ChatWrapper,
  DeepSeekChatWrapper,
  FalconChatWrapper,
  GeneralChatWrapper,
  getLlama,
  Llama2ChatWrapper,
  Llama3_1ChatWrapper,
  LlamaLogLevel,
  MistralChatWrapper,
  QwenChatWrapper,
  resolveChatWrapper,
  type Llama,
  type LlamaContext,
  type LlamaModel,
} from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { LlamaSlot } from './llama-slot.ts';
import { LoopTurns } from './loop-turns.ts';
import { renderPrompt } from './render-prompt.ts';
import { createNoEndBias } from './sampling.ts';

/** The last token starts the decoding; wrappers that open a thought render a few more. */
const handful = 8;

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
beforeAll(async () => {
  instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: 1 });
  model = await instance.loadModel({
    modelPath: fileURLToPath(import.meta.resolve('@headway/storyteller/storyteller.gguf')),
  });
  context = await model.createContext({ contextSize: 2048, sequences: 2, threads: 1 });
});
afterAll(async () => {
  await instance.dispose();
});

const wrappers: { name: string; wrapper: () => ChatWrapper }[] = [
  { name: "the model's own", wrapper: () => resolveChatWrapper(model) },
  { name: 'ChatML', wrapper: () => new ChatMLChatWrapper() },
  { name: 'General', wrapper: () => new GeneralChatWrapper() },
  { name: 'Llama 2', wrapper: () => new Llama2ChatWrapper() },
  { name: 'Llama 3.1', wrapper: () => new Llama3_1ChatWrapper() },
  { name: 'Mistral', wrapper: () => new MistralChatWrapper() },
  { name: 'Alpaca', wrapper: () => new AlpacaChatWrapper() },
  { name: 'Falcon', wrapper: () => new FalconChatWrapper() },
  { name: 'Qwen, which thinks', wrapper: () => new QwenChatWrapper() },
  { name: 'DeepSeek, which thinks', wrapper: () => new DeepSeekChatWrapper() },
];

it.each(wrappers)(
  'decoding reads no more than a handful of tokens again with the chat wrapper $name',
  async ({ wrapper }) => {
    const chat = wrapper();
    const sequence = context.getSequence();
    const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model) });
    const content = 'The fox read a book to the owl. '.repeat(40);
    for (const messages of [
      [{ role: 'user', content }],
      [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: 'Go on.' },
      ],
    ]) {
      const signal = new AbortController().signal;
      const request = generateRequest.parse({ messages, temperature: 0 });
      const prompt = await renderPrompt(request, { model, wrapper: chat, turns: new LoopTurns(), signal });
      const steps: number[] = [];
      await slot.prefill(prompt, {
        signal,
        nextChunk: () => 64,
        onRead: () => undefined,
        onProgress: (processed) => steps.push(processed),
      });
      expect(steps.at(-1)).toBe(prompt.total);
      const before = sequence.tokenMeter.usedInputTokens;
      const evaluated = slot.evaluated;
      expect(evaluated).toBeGreaterThanOrEqual(prompt.total - 1);
      await slot.decode(prompt, { choice: 0, signal, maxTokens: 4, room: 4, onPiece: () => undefined });
      expect(sequence.tokenMeter.usedInputTokens - before).toBeLessThanOrEqual(handful);
      expect(slot.evaluated).toBeGreaterThan(evaluated);
    }
    await slot.dispose();
  },
);

it('claims nothing of a memory that could not be copied', async () => {
  const sequence = context.getSequence();
  const failing = sequence as unknown as { _copyStateFromOtherSequence(...args: unknown[]): Promise<boolean> };
  const copy = failing._copyStateFromOtherSequence.bind(sequence);
  failing._copyStateFromOtherSequence = async (...args) => !(await copy(...args));
  const noEndBias = () => createNoEndBias(model);
  const [from, to] = [
    new LlamaSlot({ sequence: context.getSequence(), noEndBias }),
    new LlamaSlot({ sequence, noEndBias }),
  ];
  const signal = new AbortController().signal;
  const request = generateRequest.parse({ prompt: 'The fox read a book to the owl.' });
  const wrapper = resolveChatWrapper(model);
  const prompt = await renderPrompt(request, { model, wrapper, turns: new LoopTurns(), signal });
  await from.prefill(prompt, { signal, nextChunk: () => 64, onRead: () => undefined, onProgress: () => undefined });
  await expect(to.copyFrom(from)).rejects.toThrow('could not be copied');
  expect([from.reusable(prompt), to.reusable(prompt), to.held]).toEqual([prompt.total - 1, 0, 0]);
  await Promise.all([from.dispose(), to.dispose()]);
});

it.each(['a chat', 'a raw prompt'])('%s that ends by its limit in mid-character reads nothing again', async (kind) => {
  const sequence = context.getSequence();
  const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model) });
  const signal = new AbortController().signal;
  const text = 'Repeat: 你好 👋🏽';
  const wild = { temperature: 2, topK: 0, topP: 1, minP: 0, ignoreEos: true };
  const wrapper = resolveChatWrapper(model);
  let uncounted = 0;
  for (let seed = 0; seed < 60; seed++) {
    const asked = kind === 'a chat' ? { messages: [{ role: 'user', content: text }] } : { prompt: text };
    const request = generateRequest.parse({ ...asked, ...wild, seed });
    const prompt = await renderPrompt(request, { model, wrapper, turns: new LoopTurns(), signal });
    await slot.prefill(prompt, { signal, nextChunk: () => 64, onRead: () => undefined, onProgress: () => undefined });
    const before = sequence.tokenMeter.usedInputTokens;
    let written = 0;
    const onPiece = ({ count }: { count: number }) => (written += count);
    await slot.decode(prompt, { choice: 0, signal, maxTokens: 3, room: 1000, onPiece });
    if (written < 3) uncounted++;
    expect(sequence.tokenMeter.usedInputTokens - before).toBeLessThanOrEqual(1);
  }
  expect(uncounted).toBeGreaterThan(0);
  await slot.dispose();
});
