import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { GatewayRoad } from './transport-selector.ts';
import { gatewayUrl } from '../gateway-url.ts';

/** Something at the gateway's address that lets no WebSocket through: it answers the upgrade with `status`, or never. */
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
  return { road: new GatewayRoad({ gateway: gatewayUrl(`http://127.0.0.1:${port}`) }), counts };
}

const attempt = (withinMs = 5_000) => ({
  withinMs,
  until: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  onAnswer: () => undefined,
  onLost: () => undefined,
});

const healthy: RequestListener = (_request, response) => response.end('{"status":"ok"}');
const none: RequestListener = (_request, response) => response.writeHead(404).end('not here');
const broken: RequestListener = (_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>');

test('takes HTTP when a socket fails although a plain request got through before it', async () => {
  const { road, counts } = await startWithoutSockets({ status: 403, health: healthy });
  await expect(road.open(attempt())).rejects.toThrow(/403/);
  expect((await road.open(attempt())).via).toBe('http');
  expect((await road.open(attempt())).via).toBe('http');
  expect(counts.upgrades).toBe(2);
});

test('takes it also when upgrades are never answered', async () => {
  const { road } = await startWithoutSockets({ status: null, health: healthy });
  await expect(road.open(attempt(200))).rejects.toThrow(/no WebSocket opened/);
  const connection = await road.open(attempt(200));
  expect(connection.via).toBe('http');
});

test('takes nothing that is no gateway', async () => {
  const { road } = await startWithoutSockets({ status: 404, health: none });
  await expect(road.open(attempt())).rejects.toMatchObject({
    code: 'connection-lost',
    retryable: false,
    message: expect.stringMatching(/no Headway gateway answers.*404/),
  });
});

test('waits for a gateway that is away behind its proxy', async () => {
  const { road, counts } = await startWithoutSockets({ status: 502, health: broken });
  for (let failed = 0; failed < 3; failed++) {
    await expect(road.open(attempt())).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
  }
  expect(counts.upgrades).toBe(3);
});

test('a gateway that has too many connections is not gone around', async () => {
  const { road } = await startWithoutSockets({ status: 429, health: healthy });
  for (let failed = 0; failed < 3; failed++) {
    await expect(road.open(attempt())).rejects.toMatchObject({ code: 'rate-limited' });
  }
});
