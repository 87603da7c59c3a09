import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { endless, startGuarded, type GuardedGateway } from './guarded-gateway.ts';

interface Asked {
  path?: string;
  version?: '1.0' | '1.1';
  body?: object;
}

/** Sends a whole request, then closes the client's side of the connection. */
function askAndEnd(
  { url, mine }: GuardedGateway,
  { path = '/v1/chat/completions', version = '1.1', body = {} }: Asked = {},
): Socket {
  const bytes = JSON.stringify({ messages: [{ role: 'user', content: 'one' }], ...body });
  const { hostname, port, host } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const head = [
    `POST ${path} HTTP/${version}`,
    `Host: ${host}`,
    `Authorization: Bearer ${mine}`,
    'Content-Type: application/json',
    'Accept: text/event-stream',
    `Content-Length: ${bytes.length}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${bytes}`);
  return socket;
}

const endlessly = { messages: [{ role: 'user', content: endless }] };

describe('a client that closes its side of the connection gets its response', () => {
  test.each<[string, Asked]>([
    ['chat', {}],
    ['chat, streamed', { body: { stream: true } }],
    ['Responses', { path: '/v1/responses', body: { messages: undefined, input: 'one' } }],
    ['Messages', { path: '/v1/messages', body: { max_tokens: 20 } }],
    ['Messages, streamed', { path: '/v1/messages', body: { max_tokens: 20, stream: true } }],
    ['Headway’s own events', { path: '/v1/generations' }],
  ])('%s', async (_what, asked) => {
    await using guarded = await startGuarded();
    const answer = await text(askAndEnd(guarded, asked));
    expect(answer).toMatch(/^HTTP\/1\.1 (102 Processing\r\n\r\nHTTP\/1\.1 )*200 OK/);
    expect(answer).toMatch(/one.*two.*three/s);
    expect(guarded.gateway.running).toBe(0);
  });

  test('even if it is a refusal', async () => {
    await using guarded = await startGuarded();
    expect(await text(askAndEnd(guarded, { body: { messages: [] } }))).toContain('HTTP/1.1 400');
  });
});

describe('a client that closes its side and vanishes is detected, and its generation ends', () => {
  test.each<[string, boolean]>([
    ['streamed', true],
    ['not streamed', false],
  ])('%s', async (_what, stream) => {
    await using guarded = await startGuarded();
    const socket = askAndEnd(guarded, { body: { ...endlessly, stream } });
    await once(socket, 'data');
    await expect.poll(() => guarded.gateway.running).toBe(1);
    socket.destroy();
    await expect.poll(() => guarded.gateway.running, { timeout: 5000 }).toBe(0);
  });

  test('at once over HTTP/1.0, which has no interim responses', async () => {
    await using guarded = await startGuarded();
    expect(await text(askAndEnd(guarded, { version: '1.0', body: endlessly }))).toBe('');
    await expect.poll(() => guarded.gateway.running).toBe(0);
  });
});
