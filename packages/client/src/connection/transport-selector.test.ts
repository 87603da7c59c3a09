import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { TransportSelector } from './transport-selector.ts';
import { parseGatewayUrl } from '../gateway-url.ts';

/** A server that lets no WebSocket through: it answers upgrades with `status`, or never. */
async function startWithoutSockets({ status, health }: { status: number | null; health: RequestListener }) {
  const open = new Set<Socket>();
  const counts = { upgrades: 0 };
  const server: Server = createServer(health);
  server.on('connection', (socket: Socket) => open.add(socket));
  server.on('upgrade', (_request, socket) => {
    counts.upgrades++;
    if (status) socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { selector: new TransportSelector({ gateway: parseGatewayUrl(`http://127.0.0.1:${port}`) }), counts };
}

const attempt = (timeoutMs = 5_000) => ({
  timeoutMs,
  until: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  onAnswer: () => undefined,
  onLost: () => undefined,
});

const healthy: RequestListener = (_request, response) => response.end('{"status":"ok"}');
const none: RequestListener = (_request, response) => response.writeHead(404).end('not here');
const broken: RequestListener = (_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>');

test('the selector uses HTTP when a WebSocket fails after a plain request succeeded', async () => {
  const { selector, counts } = await startWithoutSockets({ status: 403, health: healthy });
  await expect(selector.open(attempt())).rejects.toThrow(/403/);
  expect((await selector.open(attempt())).transport).toBe('http');
  expect((await selector.open(attempt())).transport).toBe('http');
  expect(counts.upgrades).toBe(2);
});

test('the selector uses HTTP when upgrades get no answer', async () => {
  const { selector } = await startWithoutSockets({ status: null, health: healthy });
  await expect(selector.open(attempt(200))).rejects.toThrow(/no WebSocket opened/);
  const connection = await selector.open(attempt(200));
  expect(connection.transport).toBe('http');
});

test('the selector refuses a server that is not a gateway', async () => {
  const { selector } = await startWithoutSockets({ status: 404, health: none });
  await expect(selector.open(attempt())).rejects.toMatchObject({
    code: 'connection-lost',
    retryable: false,
    message: expect.stringMatching(/no Headway gateway answers.*404/),
  });
});

test('the selector keeps trying WebSockets while a proxy says that its gateway is away', async () => {
  const { selector, counts } = await startWithoutSockets({ status: 502, health: broken });
  for (let failed = 0; failed < 3; failed++) {
    await expect(selector.open(attempt())).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
  }
  expect(counts.upgrades).toBe(3);
});

test('the selector does not use HTTP to evade a gateway that refuses for too many connections', async () => {
  const { selector } = await startWithoutSockets({ status: 429, health: healthy });
  for (let failed = 0; failed < 3; failed++) {
    await expect(selector.open(attempt())).rejects.toMatchObject({ code: 'rate-limited' });
  }
});
