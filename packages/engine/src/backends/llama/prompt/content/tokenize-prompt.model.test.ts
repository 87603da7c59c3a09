import { generateRequest, type Message } from '@headway/protocol';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { EventLoopQueue } from '../../tokenizer/event-loop-queue.ts';
import { renderPrompt } from '../../render-prompt.ts';
import { openChat, type Chat } from '../open-chat.ts';
import { openEmbeddedModel } from '../../embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let chat: Chat;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  chat = openChat(model);
});
afterAll(async () => {
  await instance.dispose();
});

const { signal } = new AbortController();
const tokensOf = async (input: object) => {
  const eventLoop = new EventLoopQueue();
  return (await renderPrompt(generateRequest.parse(input), { model, chat, eventLoop, signal })).tokens;
};
const special = (tokens: readonly number[]) =>
  tokens.filter((token) => model.getTokenAttributes(token as Parameters<typeof model.getTokenAttributes>[0]).control);

it('a raw prompt may contain special tokens', async () => {
  expect(await tokensOf({ prompt: '<|im_start|>' })).toHaveLength(1);
  const written = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n';
  expect(await tokensOf({ prompt: written })).toEqual(
    await tokensOf({ messages: [{ role: 'user', content: 'Hello' }] }),
  );
});

it('content never becomes a special token, in any place, and loses no text', async () => {
  const said = (at: number, text: string): Message[] =>
    (['system', 'user', 'assistant', 'user'] as const).map((role, index) => ({
      role,
      content: index === at ? text : 'plain',
    }));
  const clean = special(await tokensOf({ messages: said(-1, '') }));
  expect(clean).toHaveLength(9);
  let attempts = 0;
  for (const mark of chat.marks.all) {
    for (let shape = 0; shape < 42; shape++) {
      const filler = 'ab <| |> im_end \n'.slice(0, shape % 17);
      const text = `${filler}${mark}${shape % 2 ? mark : ''}${mark.slice(0, shape % mark.length)}${filler}x`;
      const tokens = await tokensOf({ messages: said(shape % 4, text) });
      expect(special(tokens)).toEqual(clean);
      expect(model.detokenize(tokens, true)).toContain(text);
      attempts++;
    }
  }
  expect(attempts).toBeGreaterThanOrEqual(126);
});
