import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, streamText, tool, type ModelMessage } from 'ai';
import OpenAI, { NotFoundError } from 'openai';
import { describe, expect, test } from 'vitest';

import { shareGateway } from './shared-gateway.ts';

const shared = shareGateway();

/** The AI SDK's provider with its default settings, and the input items that it sent. */
function connect() {
  const sent: { type?: string }[][] = [];
  const provider = createOpenAI({
    baseURL: shared.gateway.baseURL,
    apiKey: 'none',
    fetch: (url, init) => {
      const { body } = init ?? {};
      if (typeof body === 'string') sent.push((JSON.parse(body) as { input: { type?: string }[] }).input);
      return fetch(url, init);
    },
  });
  return { model: provider('storyteller'), sent, typesOf: (turn: number) => sent[turn]?.map(({ type }) => type) };
}

const look = tool({
  description: 'Looks at a place.',
  inputSchema: jsonSchema<{ place: string }>({
    type: 'object',
    properties: { place: { type: 'string', maxLength: 10 } },
    required: ['place'],
    additionalProperties: false,
  }),
  execute: ({ place }) => `There is nothing at ${place}.`,
});
const few = { temperature: 0, maxOutputTokens: 30, maxRetries: 0 };

describe('the AI SDK with its default settings', () => {
  test('has second and third turns that refer to earlier answers', async () => {
    const { model, typesOf } = connect();
    const messages: ModelMessage[] = [];
    for (const question of ['What is Headway?', 'And then?', 'And at last?']) {
      messages.push({ role: 'user', content: question });
      const { text, response } = await generateText({ model, messages, ...few });
      expect(text).not.toBe('');
      messages.push(...response.messages);
    }
    expect(typesOf(2)?.filter((type) => type === 'item_reference')).toHaveLength(2);
  });

  test('calls a tool, sends its output and streams the answer', async () => {
    const { model, typesOf } = connect();
    const messages: ModelMessage[] = [{ role: 'user', content: 'Look at Rome.' }];
    const called = streamText({
      model,
      messages,
      tools: { look },
      toolChoice: 'required',
      ...few,
      maxOutputTokens: 200,
    });
    expect(await called.finishReason).toBe('tool-calls');
    expect(await called.toolResults).toMatchObject([{ output: expect.stringMatching(/^There is nothing/) as string }]);
    messages.push(...(await called.response).messages);
    const answer = streamText({ model, messages, tools: { look }, toolChoice: 'none', ...few });
    expect(await answer.text).not.toBe('');
    expect(typesOf(1)).toEqual([undefined, 'function_call', 'function_call_output']);
  });
});

describe('the package openai', () => {
  const openai = () => new OpenAI({ baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0 });
  const asked = { model: 'storyteller', temperature: 0, max_output_tokens: 12 };

  test('continues from the previous response, with the text of a full conversation', async () => {
    const { responses } = openai();
    const first = await responses.create({ ...asked, input: 'What is Headway?' });
    const second = await responses.create({ ...asked, input: 'And then?', previous_response_id: first.id });
    const whole = await responses.create({
      ...asked,
      store: false,
      input: [
        { role: 'user', content: 'What is Headway?' },
        { role: 'assistant', content: first.output_text },
        { role: 'user', content: 'And then?' },
      ],
    });
    expect(second.usage?.input_tokens).toBe(whole.usage?.input_tokens);
    expect(second.output_text).toBe(whole.output_text);
  });

  test('reads, streams, lists and deletes a response', async () => {
    const { responses } = openai();
    const { id, output_text: text } = await responses.create({ ...asked, input: 'What is Headway?' });
    expect((await responses.retrieve(id)).output_text).toBe(text);
    const streamed = [];
    for await (const event of await responses.retrieve(id, { stream: true })) streamed.push(event);
    const pieces = streamed.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []));
    expect(pieces.join('')).toBe(text);
    const { data } = await responses.inputItems.list(id);
    expect(data).toMatchObject([{ type: 'message', content: [{ type: 'input_text', text: 'What is Headway?' }] }]);
    await responses.delete(id);
    const gone = await responses.create({ ...asked, input: 'So?', previous_response_id: id }).catch((error) => error);
    expect(gone).toBeInstanceOf(NotFoundError);
    expect(gone).toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' });
  });
});
