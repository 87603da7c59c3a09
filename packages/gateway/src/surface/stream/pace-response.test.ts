import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test, vi } from 'vitest';

import { paceResponse } from './pace-response.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a response whose client reads nothing fails as slow-consumer and is destroyed 10 s later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let onRequest!: (response: ServerResponse) => void;
  const answering = new Promise<ServerResponse>((resolve) => (onRequest = resolve));
  const server = createServer((_request, response) => onRequest(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const asked = new Promise<IncomingMessage>((resolve) =>
    request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false }, resolve).end(),
  );
  const response = await answering;
  const pace = paceResponse(response, 1000);
  expect(pace.open).toBe(false);
  // More than the operating system's socket buffers hold.
  response.write(Buffer.alloc(64 * 1024 * 1024));
  const client = await asked;
  client.on('error', () => undefined);
  const waiting = pace.enter();
  const timers = vi.getTimerCount();
  vi.advanceTimersByTime(1000);
  await expect(waiting).rejects.toMatchObject({ code: 'slow-consumer' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(response.destroyed).toBe(false);
  const closed = new Promise((resolve) => response.once('close', resolve));
  vi.advanceTimersByTime(10_000);
  await closed;
  expect(vi.getTimerCount()).toBeLessThan(timers);
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});
