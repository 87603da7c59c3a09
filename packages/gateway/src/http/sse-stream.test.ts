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

test('opens with a comment, and each message is what it says', async () => {
  expect(
    await written({ data: '{"a":1}' }, { event: 'e', data: 'd' }, { id: 'g:1', data: 'd' }, { comment: 'word {}' }),
  ).toBe(': keep-alive\n\ndata: {"a":1}\n\nevent: e\ndata: d\n\nid: g:1\ndata: d\n\n: word {}\n\n');
});

test('a line break in a value makes a line more, and no other field or event', async () => {
  expect(await written({ data: 'a\nevent: b\r\n\rc' }, { comment: 'a\ndata: b' })).toBe(
    ': keep-alive\n\ndata: a\ndata: event: b\ndata: \ndata: c\n\n: a\n: data: b\n\n',
  );
});
