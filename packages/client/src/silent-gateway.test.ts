import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { HeadwayError } from '@headway/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { parseGatewayUrl } from './gateway-url.ts';
import { openHttp } from './connection/http/http-connection.ts';
import { openSocket } from './connection/websocket/socket-connection.ts';

/** A gateway that accepts every request, over a WebSocket or HTTP, and then stays silent, as behind a half-open connection. */
async function startSilent() {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return response.end('{"status":"ok"}');
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': keep-alive\n\n');
  });
  const sockets = new WebSocketServer({ server });
  const said: string[] = [];
  sockets.on('connection', (socket) => socket.on('message', (data: Buffer) => said.push(data.toString())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { gateway: parseGatewayUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), said };
}

const request = { kind: 'generate', input: { prompt: 'hi', id: 'g' } } as const;

test('a WebSocket on which the gateway stays silent is lost, and its calls fail', async () => {
  const { gateway, said } = await startSilent();
  const lost: HeadwayError[] = [];
  const connection = await openSocket({
    gateway,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    onAnswer: () => undefined,
    onLost: (error) => lost.push(error),
    keepAlive: { intervalMs: 10, pongTimeoutMs: 50 },
  });
  const ended = await new Promise((resolve) => connection.stream(request, { onEvent() {}, onEnd: resolve }));
  expect(ended).toMatchObject({ code: 'connection-lost', retryable: true });
  expect(lost).toEqual([ended]);
  expect(connection.usable).toBe(false);
  expect(said).toContain('PING');
});

test('an HTTP stream on which the gateway stays silent is lost, and its calls fail', async () => {
  const { gateway } = await startSilent();
  const lost: HeadwayError[] = [];
  const connection = await openHttp({
    gateway,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    onAnswer: () => undefined,
    onLost: (error) => lost.push(error),
    silenceMs: 50,
  });
  const ended = await new Promise((resolve) => connection.stream(request, { onEvent() {}, onEnd: resolve }));
  expect(ended).toMatchObject({ code: 'connection-lost', message: expect.stringMatching(/went silent/) });
  expect(lost).toEqual([ended]);
  expect(connection.usable).toBe(false);
});
