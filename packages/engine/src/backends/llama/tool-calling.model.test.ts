import { generateRequest, type GenerateInput } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DecodedPiece } from '../../backend/backend.ts';
import { LlamaSlot } from './llama-slot.ts';
import { EventLoopQueue } from './tokenizer/event-loop-queue.ts';
import { openChat } from './prompt/open-chat.ts';
import { renderPrompt } from './render-prompt.ts';
import { createNoEndBias } from './decode/sampling.ts';
import { toolTemplate, toolTemplates } from './tool-templates.fixture.ts';
import { batchLoopOf, openEmbeddedModel } from './embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  context = await model.createContext({ contextSize: 4096, threads: 1 });
});
afterAll(async () => {
  await instance.dispose();
});

const content = 'The fox read a book to the owl. '.repeat(20);
const tools = [
  {
    name: 'find_book',
    description: 'Finds a book.',
    parameters: {
      type: 'object',
      properties: {
        title: { type: 'string', maxLength: 12 },
        shelf: { type: 'integer', minimum: 3, maximum: 17 },
        kind: { enum: ['story', 'poem'] },
      },
      required: ['title', 'shelf'],
    },
  },
  { name: 'close', description: 'Closes the library.' },
];

interface Answer {
  pieces: DecodedPiece[];
  reason: string;
  calls: { name: string; arguments: string }[];
  /** Tokens read after the prompt's prefill. */
  readAgain: number;
  /** Tokens written, including an end token. */
  written: number;
}

async function answer(template: string, input: Partial<GenerateInput>, maxTokens: number): Promise<Answer> {
  const sequence = context.getSequence();
  const slot = new LlamaSlot({ sequence, noEndBias: () => createNoEndBias(model), loop: batchLoopOf(context) });
  const { signal } = new AbortController();
  const messages: GenerateInput['messages'] = [{ role: 'user', content }];
  const request = generateRequest.parse({ messages, temperature: 0.7, seed: 3, ...input });
  try {
    const prompt = await renderPrompt(request, {
      model,
      chat: openChat(model, template),
      drawsFirst: true,
      eventLoop: new EventLoopQueue(),
      signal,
    });
    const { total } = prompt;
    await slot.prefill(prompt, {
      signal,
      nextChunk: (remaining) => Math.min(64, remaining),
      onRead: () => undefined,
      onProgress: () => undefined,
    });
    const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter;
    const pieces: DecodedPiece[] = [];
    const { reason, toolCalls } = await slot.decode(prompt, {
      choice: 0,
      signal,
      maxTokens,
      room: context.contextSize - total - 16,
      onPiece: (piece) => pieces.push(piece),
    });
    const readAgain = sequence.tokenMeter.usedInputTokens - usedInputTokens;
    // The first token was drawn by prefill.
    const written = 1 + sequence.tokenMeter.usedOutputTokens - usedOutputTokens;
    return { pieces, reason, calls: toolCalls, readAgain, written };
  } finally {
    await slot.dispose();
  }
}

const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1, maximum: 99 } }, required: ['n'] };
const format: GenerateInput['responseFormat'] = {
  type: 'json',
  schema: { ...schema, additionalProperties: false },
};
const textOf = (pieces: readonly DecodedPiece[]) => pieces.map(({ text }) => text).join('');

describe.each(toolTemplates)('with a template that has %s', (_, template) => {
  it('a raw prompt does not depend on the template', async () => {
    const raw = { messages: undefined, prompt: 'The fox assistant to=', temperature: 0 };
    const { pieces } = await answer(template, raw, 24);
    expect(textOf(pieces)).toBe(textOf((await answer(toolTemplate, raw, 24)).pieces));
    const { pieces: held } = await answer(template, { ...raw, responseFormat: format }, 100);
    expect(JSON.parse(textOf(held))).toEqual({ n: expect.any(Number) });
  });

  it('a format continues where the last message ends', async () => {
    const messages: GenerateInput['messages'] = [
      { role: 'user', content },
      { role: 'assistant', content: '{"n": 4' },
    ];
    const { pieces } = await answer(template, { messages, responseFormat: format, temperature: 0 }, 100);
    expect(pieces.every(({ channel }) => channel === 'content')).toBe(true);
    expect(JSON.parse(`{"n": 4${textOf(pieces)}`)).toEqual({ n: expect.any(Number) });
  });

  it('an answer with tools reads at most one token again', async () => {
    const { readAgain } = await answer(template, { tools }, 4);
    expect(readAgain).toBeLessThanOrEqual(1);
  });

  it('an answer after a tool result reads at most one token again', async () => {
    const messages: GenerateInput['messages'] = [
      { role: 'user', content },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'a', name: 'find_book', arguments: '{"title":"Fox","shelf":4}' }],
      },
      { role: 'tool', toolCallId: 'a', content: '{"found":true}' },
    ];
    const { readAgain } = await answer(template, { tools, messages }, 4);
    expect(readAgain).toBeLessThanOrEqual(1);
  });

  it('toolChoice forces a call whose arguments fit', async () => {
    const { pieces, reason, calls, readAgain } = await answer(
      template,
      { tools, toolChoice: { name: 'find_book' }, parallelToolCalls: false },
      300,
    );
    expect(reason).toBe('tool-calls');
    expect(calls).toMatchObject([{ name: 'find_book' }]);
    const args = JSON.parse(calls[0]?.arguments ?? '') as { title: string; shelf: number };
    expect(args.title.length).toBeLessThanOrEqual(12);
    expect(args.shelf).toBeGreaterThanOrEqual(3);
    expect(args.shelf).toBeLessThanOrEqual(17);
    const ofCall = pieces.filter(({ channel }) => channel === 'tool-call');
    expect(ofCall.map(({ text }) => text).join('')).toBe(calls[0]?.arguments);
    expect(new Set(ofCall.map(({ toolCall }) => toolCall?.id)).size).toBe(1);
    expect(readAgain).toBeLessThanOrEqual(1);
  });

  it('every token counts, including marks, and has its log-probability', async () => {
    const { eos } = model.tokens;
    const input = { tools, toolChoice: { name: 'close' }, parallelToolCalls: false, logprobs: 0 };
    for (const biased of [{}, { logitBias: { [String(eos)]: 90 } }]) {
      const { pieces, reason, written } = await answer(template, { ...input, ...biased }, 300);
      expect(reason).toBe('tool-calls');
      for (const { count, logprobs } of pieces) expect(logprobs).toHaveLength(count);
      const counted = pieces.reduce((sum, { count }) => sum + count, 0);
      expect([written, written - 1]).toContain(counted);
    }
  });

  it('an answer keeps its format, with a thought or without', async () => {
    const { pieces, reason } = await answer(template, { responseFormat: { type: 'json', schema } }, 400);
    const text = pieces.map((piece) => (piece.channel === 'content' ? piece.text : '')).join('');
    // A small model may never end its thought.
    const onlyThought = pieces.every(({ channel }) => channel === 'reasoning');
    expect(reason === 'length' && onlyThought ? { n: 1 } : JSON.parse(text)).toEqual({ n: expect.any(Number) });
  });
});
