import Fastify from 'fastify';
import { expect, test } from 'vitest';

import type { SseMessage } from './sse-message.ts';
import { SseStream } from './sse-stream.ts';

async function written(...messages: SseMessage[]): Promise<string> {
  const app = Fastify();
  app.get('/', (_request, reply) => {
    const stream = new SseStream(reply);
    for (const message of messages) stream.send(message);
    stream.end();
  });
  const { payload } = await app.inject('/');
  await app.close();
  return payload;
}

test('a stream opens with a comment and encodes events and comments', async () => {
  expect(
    await written({ data: '{"a":1}' }, { event: 'e', data: 'd' }, { id: 'g:1', data: 'd' }, { comment: 'word {}' }),
  ).toBe(': keep-alive\ndata: {"a":1}\n\nevent: e\ndata: d\n\nid: g:1\ndata: d\n\n: word {}\n');
});

/** Parses as @microsoft/fetch-event-source 2.0.1 does: each blank line emits a message, with data or without. */
function messagesOf(stream: string): string[] {
  const messages: string[] = [];
  let data = '';
  for (const line of stream.split('\n').slice(0, -1)) {
    if (line.startsWith('data: ')) data = line.slice('data: '.length);
    if (line !== '') continue;
    messages.push(data);
    data = '';
  }
  return messages;
}

test('a reader that emits a message at each blank line gets no empty message', async () => {
  const stream = await written(
    { data: '{"a":1}' },
    { comment: 'keep-alive' },
    { data: '{"a":2}' },
    { comment: 'word' },
  );
  expect(messagesOf(stream)).toEqual(['{"a":1}', '{"a":2}']);
});

test('a line break in a value adds a line to its field, and no other field or event', async () => {
  expect(await written({ data: 'a\nevent: b\r\n\rc' }, { comment: 'a\ndata: b' })).toBe(
    ': keep-alive\ndata: a\ndata: event: b\ndata: \ndata: c\n\n: a\n: data: b\n',
  );
});
