import { generateRequest } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { AnswerReader, type AnswerPart } from '../calls/read/answer-reader.ts';
import { formMarks } from '../calls/form/form-marks.ts';
import { openChat, renderWith } from '../prompt/open-chat.ts';
import { toolTemplates } from '../tool-templates.fixture.ts';
import { AnswerCalls } from './answer-calls.ts';
import { GrammarTracker } from './grammar-tracker.ts';
import { answerRules } from './answer-rules.ts';
import { AnswerText } from './answer-text.ts';
import { writeTokens } from './write-tokens.ts';
import { batchLoopOf, openEmbeddedModel } from '../embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel());
  context = await model.createContext({ contextSize: 2048, threads: 1 });
});
afterAll(async () => {
  await instance.dispose();
});

const parameters = {
  type: 'object',
  properties: {
    title: { type: 'string', maxLength: 12 },
    shelf: { type: 'integer', minimum: 3, maximum: 17 },
    kind: { enum: ['story', 'poem'] },
  },
  required: ['title', 'shelf'],
  additionalProperties: false,
};
const call = { id: 'call00001', name: 'find_book', arguments: '{"title":"Fox","shelf":4}' };
const request = generateRequest.parse({
  messages: [{ role: 'user', content: 'Find me a book.' }],
  tools: [{ name: 'find_book', parameters }, { name: 'close' }],
});

const isNothing = (value: object) => Object.keys(value).length === 0;
const isBook = ({ title, shelf }: { title: string; shelf: number }) =>
  Array.from(title).length <= 12 && shelf >= 3 && shelf <= 17;

/** Templates that show calls; in this test the model begins a call as they do. */
const withCalls = toolTemplates.filter(([name]) => !/no place|bare keys/.test(name));

it.each(withCalls)('a call that the model began unasked follows its schema: %s', async (name, template) => {
  const chat = openChat(model, template);
  const { form } = chat;
  const messages = [...(request.messages ?? []), { role: 'assistant' as const, content: '', toolCalls: [call] }];
  const rendered = renderWith(chat, { ...request, messages });
  const at = rendered.lastIndexOf('find_book');
  const begun = rendered.slice(rendered.lastIndexOf('assistant', at) + 'assistant'.length, at);
  const rules = answerRules(request, { model, form, promptEnd: 'before-answer', begun: '' });
  expect(rules.whole).toBeNull();
  const rest = rendered.slice(at);
  // Harmony names the call in its message's header, a bare object at the end of the name.
  const header = rest.indexOf('<|message|>') + '<|message|>'.length;
  const first = form.kind === 'channels' ? header : name === 'a bare object' ? 'find_book"'.length : 0;
  for (let cut = first; cut < first + 'find_book", "arguments"'.length; cut += 3) {
    const piece = rest.slice(0, cut);
    const reader = new AnswerReader({
      form,
      toolNames: ['find_book', 'close'],
      startsInThought: false,
      schemaOf: () => parameters,
    });
    const tracker = new GrammarTracker(model, rules, reader, '');
    const calls = new AnswerCalls();
    const take = (parts: readonly AnswerPart[]) => {
      for (const part of parts) if ('index' in part) calls.add(part);
    };
    expect(tracker.next()).toBeUndefined();
    take(reader.push(begun + piece));
    const sequence = context.getSequence();
    const text = new AnswerText(model, (mark) => formMarks(form).includes(mark));
    let left = 200;
    await writeTokens(model.tokenize(rendered.slice(0, at) + piece), {
      sequence,
      loop: batchLoopOf(context),
      grammar: () => tracker.next(),
      replacementOf: () => null,
      logprobs: null,
      sampling: { temperature: 1, seed: 4, topK: 0, topP: 1, minP: 0 },
      onToken({ token }) {
        if (model.isEogToken(token) || calls.whole.length > 0 || --left === 0) return false;
        take(reader.push(text.push(token)));
        return true;
      },
      signal: new AbortController().signal,
    });
    await sequence.dispose();
    const [whole] = calls.whole;
    const fits = whole?.name === 'close' ? isNothing : isBook;
    expect(JSON.parse(whole?.arguments ?? ''), `after ${piece}`).toSatisfy(fits);
  }
});
