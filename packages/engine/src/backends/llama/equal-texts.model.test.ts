import { generateRequest, type GenerateInput } from '@headway/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { LoadedModel, Prompt, Slot } from '../../backend/backend.ts';
import { embeddedBackend } from './embedded-model.fixture.ts';
import { prose } from './prose.fixture.ts';

const chat = (content: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
  messages: [{ role: 'user', content }],
  temperature: 0,
  maxTokens: 60,
  ignoreEos: true,
  ...rest,
});

const pinned: GenerateInput[] = [
  chat(`${prose(300, 1)}\nWhat is prefill?`),
  chat(`${prose(500, 2)}\nTell me a story about an owl.`),
  chat(`${prose(700, 3)}\nWhat did the fox read?`),
  chat(`${prose(900, 4)}\nHow do I load a bigger model?`),
  { ...chat('', { messages: undefined }), prompt: `${prose(600, 5)} Once upon a time` },
  chat(`${prose(400, 6)}\nTell me a story about a fox.`, { temperature: 0.8, seed: 7 }),
];
const otherInputs = ['a fox', 'an owl', 'a lighthouse'].map((of, at) =>
  chat(`Tell me a long story about ${of}.`, { maxTokens: 150, temperature: at === 2 ? 0.8 : 0, seed: 11 }),
);

const { signal } = new AbortController();
let model: LoadedModel;
beforeAll(async () => {
  model = await embeddedBackend().load({ parallel: 4, contextSize: 2048, signal });
});
afterAll(async () => {
  await model.dispose();
});

const prepare = (input: GenerateInput) => model.prepare(generateRequest.parse(input), { owner: '', signal });

/** Reads a prompt into an empty slot: the remainder of a multiple of 64 first, then chunks of `size`. */
async function read(slot: Slot, prompt: Prompt, size: number): Promise<void> {
  await slot.forget();
  const nextChunk = (remaining: number) => remaining % 64 || (remaining >= size ? size : 64);
  await slot.prefill(prompt, { signal, nextChunk, onRead: () => undefined, onProgress: () => undefined });
}

async function write(slot: Slot, prompt: Prompt, onToken: () => void = () => undefined): Promise<string> {
  let written = '';
  await slot.decode(prompt, {
    choice: 0,
    signal,
    maxTokens: prompt.request.maxTokens ?? 60,
    room: 1000,
    onPiece: (piece) => {
      written += piece.text;
      onToken();
    },
  });
  return written;
}

async function alone(input: GenerateInput, size = 64): Promise<string> {
  const [slot] = model.slots as [Slot];
  const prompt = await prepare(input);
  await read(slot, prompt, size);
  return write(slot, prompt);
}

it('a prompt that is read while three others decode gets the same text as alone, and so do the others', async () => {
  const othersAlone: string[] = [];
  for (const input of otherInputs) othersAlone.push(await alone(input));
  for (const [at, input] of pinned.entries()) {
    const [slot, ...others] = model.slots as [Slot, ...Slot[]];
    const prompt = await prepare(input);
    const textAlone = await alone(input);
    expect(textAlone.length).toBeGreaterThan(60);

    const tokens = others.map(() => 0);
    const prompts = await Promise.all(otherInputs.map(prepare));
    for (const [of, other] of others.entries()) await read(other, prompts[of] as Prompt, 64);
    const writing = others.map((other, of) =>
      write(other, prompts[of] as Prompt, () => (tokens[of] = (tokens[of] ?? 0) + 1)),
    );
    const before = [...tokens];
    await read(slot, prompt, 64);
    const meanwhile = tokens.map((count, of) => count - (before[of] ?? 0));
    for (const count of meanwhile) expect(count).toBeGreaterThanOrEqual(Math.floor(prompt.total / 64) - 1);
    expect([at, await write(slot, prompt)]).toEqual([at, textAlone]);
    expect(await Promise.all(writing)).toEqual(othersAlone);
  }
});

it.each([128, 256, 512])('chunks of %i tokens give the texts that chunks of 64 give', async (size) => {
  for (const input of pinned) expect(await alone(input, size)).toBe(await alone(input));
});
