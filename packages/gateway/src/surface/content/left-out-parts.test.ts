import { messageText, type GenerateRequest } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';

const line = '[image left out: this model reads text only]';

/** Sends a request, and returns the response's status and error with the conversation that the model read. */
async function conversationOf(path: string, body: object) {
  const seen: [string, string][][] = [];
  const script = ({ messages = [] }: Pick<GenerateRequest, 'messages'>) => {
    seen.push(messages.map(({ role, content }) => [role, messageText(content)]));
    return { reply: 'Well.' };
  };
  await using context = await openScriptedGateway({ script });
  const response = await context.post(path, body);
  const { error } = (await response.json()) as { error?: { message: string } };
  return { status: response.status, message: error?.message ?? null, read: seen[0] };
}

const chat = (...messages: object[]) => conversationOf('/v1/chat/completions', { messages });
const responses = (...input: object[]) => conversationOf('/v1/responses', { input });
const anthropic = (...messages: object[]) => conversationOf('/v1/messages', { max_tokens: 5, messages });

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
const inputImage = { type: 'input_image', image_url: 'data:image/png;base64,AA==' };
const imageBlock = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } };
const call = { id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } };
const toolUse = { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'look', input: {} }] };
const result = (content: unknown) => ({ type: 'tool_result', tool_use_id: 'c', content });
const user = (content: unknown) => ({ role: 'user', content });

describe('an image in a tool’s result becomes a line of text', () => {
  test('in chat', async () => {
    const { read } = await chat(
      user('look'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'a.png' }, image] },
    );
    expect(read?.at(-1)).toEqual(['tool', `a.png\n${line}`]);
  });

  test('in chat, also in the message after the result, where clients put its images', async () => {
    const { read } = await chat(
      user('look'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: '(image below)' },
      user([image]),
    );
    expect(read?.at(-1)).toEqual(['user', line]);
  });

  test('in Responses', async () => {
    const { read } = await responses(
      user('look'),
      { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: [inputImage, { type: 'input_text', text: 'a.png' }] },
    );
    expect(read?.at(-1)).toEqual(['tool', `${line}\na.png`]);
  });

  test('in Messages, also as a block beside the result', async () => {
    const inside = await anthropic(
      user('look'),
      toolUse,
      user([result([imageBlock, { type: 'document', source: {} }])]),
    );
    expect(inside.read?.at(-1)).toEqual(['tool', `${line}\n[document left out: this model reads text only]`]);
    const beside = await anthropic(
      user('look'),
      toolUse,
      user([result('ok'), imageBlock, { type: 'text', text: 'So?' }]),
    );
    expect(beside.read?.slice(-2)).toEqual([
      ['tool', 'ok'],
      ['user', `${line}\nSo?`],
    ]);
  });
});

describe('an image in an earlier message becomes a line of text', () => {
  const answer = { role: 'assistant', content: 'A cat.' };
  test('in chat', async () => {
    const { read } = await chat(user([{ type: 'text', text: 'What is' }, image]), answer, user('And now?'));
    expect(read?.[0]).toEqual(['user', `What is\n${line}`]);
  });

  test('in Responses', async () => {
    const { read } = await responses(
      user([inputImage, { type: 'input_file', file_id: 'f' }]),
      answer,
      user('And now?'),
    );
    expect(read?.[0]).toEqual(['user', `${line}\n[document left out: this model reads text only]`]);
  });

  test('in messages', async () => {
    const { read } = await anthropic(user([imageBlock]), answer, user('And now?'));
    expect(read?.[0]).toEqual(['user', line]);
  });
});

describe('an image in the user’s newest message is refused with its path', () => {
  test.each([
    [
      'alone',
      () => chat(user('Hi'), { role: 'assistant', content: 'Hi' }, user([image])),
      'messages[2].content[0].type',
    ],
    [
      'before another message of the user',
      () => chat(user([image]), user('What is it?')),
      'messages[0].content[0].type',
    ],
    [
      'in Responses',
      () => responses(user([{ type: 'input_text', text: 'x' }, inputImage])),
      'input[0].content[1].type',
    ],
    ['in messages', () => anthropic(user([{ type: 'text', text: 'x' }, imageBlock])), 'messages[0].content[1].type'],
    [
      'even after a tool call for that message',
      () => anthropic(user([imageBlock]), toolUse, user([result('ok')])),
      'messages[0].content[0].type',
    ],
  ])('%s', async (_where, ask, place) => {
    const { status, message } = await ask();
    expect(status).toBe(400);
    expect(message).toMatch(/"(image|image_url|input_image)" are not supported.*this model reads text only/);
    expect(message?.startsWith(`${place}: `)).toBe(true);
  });
});

test.each([null, ''])('a tool result %j becomes empty text', async (nothing) => {
  const calls = { role: 'assistant', content: null, tool_calls: [call] };
  const inChat = await chat(user('look'), calls, { role: 'tool', tool_call_id: 'c', content: nothing });
  expect(inChat.read?.at(-1)).toEqual(['tool', '']);
  const inResponses = await responses(
    user('look'),
    { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: nothing },
  );
  expect(inResponses.read?.at(-1)).toEqual(['tool', '']);
  const inMessages = await anthropic(user('look'), toolUse, user([result(nothing)]));
  expect(inMessages.read?.at(-1)).toEqual(['tool', '']);
});

test('a tool_reference in a result becomes a line with the tool’s name', async () => {
  const { read } = await anthropic(
    user('look'),
    toolUse,
    user([result([{ type: 'tool_reference', tool_name: 'WebFetch' }])]),
  );
  expect(read?.at(-1)).toEqual(['tool', '[the tool WebFetch can be called now]']);
});
