import { generateRequest } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

import { LlamaSlot } from './llama-slot.ts';
import { EventLoopQueue } from './tokenizer/event-loop-queue.ts';
import { openChat } from './prompt/open-chat.ts';
import { renderPrompt } from './render-prompt.ts';
import { createNoEndBias } from './decode/sampling.ts';
import { TokenSampler } from './decode/token-sampler.ts';
import { batchLoopOf, openEmbeddedModel } from './embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  context = await model.createContext({ contextSize: 2048, sequences: 2, threads: 1 });
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  await instance.dispose();
});

/** The message formats of published models, each with its generation prompt. */
const template = (before: string, after: string, prompt: string) =>
  `{% for m in messages %}{{ ${before} + m.content + ${after} }}{% endfor %}{% if add_generation_prompt %}{{ ${prompt} }}{% endif %}`;

const templates: { name: string; template: string | undefined }[] = [
  { name: "the model's own", template: undefined },
  {
    name: 'ChatML',
    template: template("'<|im_start|>' + m.role + '\\n'", "'<|im_end|>\\n'", "'<|im_start|>assistant\\n'"),
  },
  { name: 'plain messages', template: template("m.role + ': '", "'\\n\\n'", "'assistant: '") },
  { name: 'Llama 2', template: template("'[INST] '", "' [/INST] '", "''") },
  {
    name: 'Llama 3.1',
    template: template(
      "'<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n'",
      "'<|eot_id|>'",
      "'<|start_header_id|>assistant<|end_header_id|>\\n\\n'",
    ),
  },
  { name: 'Mistral', template: template("bos_token + '[INST]'", "'[/INST]' + eos_token", "''") },
  { name: 'Alpaca', template: template("'### ' + m.role + ':\\n'", "'\\n\\n'", "'### Response:\\n'") },
  { name: 'Falcon', template: template("m.role | capitalize + ': '", "'\\n'", "'Assistant:'") },
  {
    name: 'Qwen, which thinks',
    template: template(
      "'<|im_start|>' + m.role + '\\n'",
      "'<|im_end|>\\n</think>'",
      "'<|im_start|>assistant\\n<think>\\n'",
    ),
  },
  { name: 'DeepSeek, which thinks', template: template("'<｜User｜>'", "'</think>'", "'<｜Assistant｜><think>\\n'") },
];

const drawsFirst = true;
const chunk = (remaining: number) => Math.min(64, remaining);

it.each(templates)('decode reads no prompt token again with the template $name', async ({ template }) => {
  const chat = openChat(model, template);
  const sequence = context.getSequence();
  const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model), loop: batchLoopOf(context) });
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
    const prompt = await renderPrompt(request, { model, chat, drawsFirst, eventLoop: new EventLoopQueue(), signal });
    const steps: number[] = [];
    await slot.prefill(prompt, {
      signal,
      nextChunk: chunk,
      onRead: () => undefined,
      onProgress: (processed) => steps.push(processed),
    });
    expect(steps.at(-1)).toBe(prompt.total);
    const before = sequence.tokenMeter.usedInputTokens;
    const evaluated = slot.evaluated;
    expect(evaluated).toBeGreaterThanOrEqual(prompt.total);
    await slot.decode(prompt, { choice: 0, signal, maxTokens: 4, room: 4, onPiece: () => undefined });
    expect(sequence.tokenMeter.usedInputTokens - before).toBe(0);
    expect(slot.evaluated).toBeGreaterThan(evaluated);
  }
  await slot.dispose();
});

it("a prompt's last chunk draws the first token, so that decoding evaluates one token less", async () => {
  const sequence = context.getSequence();
  const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model), loop: batchLoopOf(context) });
  const signal = new AbortController().signal;
  const request = generateRequest.parse({ prompt: 'The fox read a book to the owl.', ignoreEos: true });
  const options = { model, chat: openChat(model), eventLoop: new EventLoopQueue(), signal };
  const plan = { signal, nextChunk: chunk, onRead: () => undefined, onProgress: () => undefined };
  for (const [draws, evaluations] of [
    [true, 7],
    [false, 8],
  ] as const) {
    const prompt = await renderPrompt(request, { ...options, drawsFirst: draws });
    await slot.prefill(prompt, plan);
    expect(slot.held).toBe(draws ? prompt.total : prompt.total - 1);
    const { usedOutputTokens } = sequence.tokenMeter;
    let written = 0;
    const onPiece = ({ count }: { count: number }) => (written += count);
    await slot.decode(prompt, { choice: 0, signal, maxTokens: 8, room: 1000, onPiece });
    expect([written, sequence.tokenMeter.usedOutputTokens - usedOutputTokens]).toEqual([8, evaluations]);
  }
  await slot.dispose();
});

it('a first token that nobody takes is released, and the slot goes on', async () => {
  const counts = [vi.spyOn(TokenSampler.prototype, 'draw'), vi.spyOn(TokenSampler.prototype, 'dispose')];
  const slot = new LlamaSlot({
    sequence: context.getSequence(),
    noEndBias: () => createNoEndBias(model),
    loop: batchLoopOf(context),
  });
  const abort = new AbortController();
  const { signal } = abort;
  const request = generateRequest.parse({ prompt: 'The fox read a book to the owl.', ignoreEos: true });
  const prompt = await renderPrompt(request, {
    model,
    chat: openChat(model),
    drawsFirst,
    eventLoop: new EventLoopQueue(),
    signal,
  });
  const plan = { signal, nextChunk: chunk, onRead: () => undefined, onProgress: () => undefined };
  await slot.prefill(prompt, plan);
  expect(counts.map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  await slot.prefill(prompt, plan);
  expect(counts.map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
  await slot.forget();
  expect(counts.map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
  await expect(slot.prefill(prompt, { ...plan, onRead: () => abort.abort() })).rejects.toThrow('aborted');
  expect(counts.map(({ mock }) => mock.calls.length)).toEqual([3, 3]);
  await slot.prefill(prompt, { ...plan, signal: new AbortController().signal });
  await slot.dispose();
  expect(counts.map(({ mock }) => mock.calls.length)).toEqual([4, 4]);
});

it('a slot has no reusable tokens after its copy failed', async () => {
  const sequence = context.getSequence();
  const failing = sequence as unknown as { _copyStateFromOtherSequence(...args: unknown[]): Promise<boolean> };
  const copy = failing._copyStateFromOtherSequence.bind(sequence);
  failing._copyStateFromOtherSequence = async (...args) => !(await copy(...args));
  const noEndBias = () => createNoEndBias(model);
  const [from, to] = [
    new LlamaSlot({ sequence: context.getSequence(), noEndBias, loop: batchLoopOf(context) }),
    new LlamaSlot({ sequence, noEndBias, loop: batchLoopOf(context) }),
  ];
  const signal = new AbortController().signal;
  const request = generateRequest.parse({ prompt: 'The fox read a book to the owl.' });
  const chat = openChat(model);
  const prompt = await renderPrompt(request, { model, chat, drawsFirst, eventLoop: new EventLoopQueue(), signal });
  await from.prefill(prompt, { signal, nextChunk: chunk, onRead: () => undefined, onProgress: () => undefined });
  await expect(to.copyFrom(from)).rejects.toThrow('could not be copied');
  expect([from.reusable(prompt), to.reusable(prompt), to.held]).toEqual([prompt.total - 1, 0, 0]);
  await Promise.all([from.dispose(), to.dispose()]);
});

it.each(['a chat', 'a raw prompt'])(
  '%s whose limit falls within a character reads at most one token again',
  async (kind) => {
    const sequence = context.getSequence();
    const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model), loop: batchLoopOf(context) });
    const signal = new AbortController().signal;
    const text = 'Repeat: 你好 👋🏽';
    const wild = { temperature: 2, topK: 0, topP: 1, minP: 0, ignoreEos: true };
    const chat = openChat(model);
    let unfinished = 0;
    for (let seed = 0; seed < 240; seed++) {
      const asked = kind === 'a chat' ? { messages: [{ role: 'user', content: text }] } : { prompt: text };
      const request = generateRequest.parse({ ...asked, ...wild, seed });
      const prompt = await renderPrompt(request, { model, chat, drawsFirst, eventLoop: new EventLoopQueue(), signal });
      await slot.prefill(prompt, { signal, nextChunk: chunk, onRead: () => undefined, onProgress: () => undefined });
      const before = sequence.tokenMeter.usedInputTokens;
      let written = 0;
      const onPiece = ({ text, count }: { text: string; count: number }) => {
        written += count;
        if (text === '') unfinished++;
      };
      await slot.decode(prompt, { choice: 0, signal, maxTokens: 3, room: 1000, onPiece });
      expect(written).toBe(3);
      expect(sequence.tokenMeter.usedInputTokens - before).toBeLessThanOrEqual(1);
    }
    expect(unfinished).toBeGreaterThan(0);
    await slot.dispose();
  },
);
