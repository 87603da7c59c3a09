import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { soakScale } from '../src/soak-scale.ts';
import { startGuarded } from './guarded-gateway.ts';
import { mib, residentBytes } from './resident-memory.ts';
import { upgradeRequest } from './raw-websocket.ts';
import { startServe } from './serve-process.ts';
import { ask, bearer, errorCodeOf } from './wire.ts';

/** A frame of one byte, not the last of its message. */
const fragment = (opcode: number) => Buffer.from([opcode, 0x81, 0, 0, 0, 0, 0x78]);

async function upgraded(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay();
  socket.on('error', () => undefined);
  socket.write(upgradeRequest(url));
  await once(socket, 'data');
  socket.resume();
  return socket;
}

test('endless messages in frames of one byte take bounded memory', { timeout: 300_000 }, async () => {
  await using served = await startServe('--parallel', '1', '--ctx', '256');
  const sockets = await Promise.all(Array.from({ length: 128 }, () => upgraded(served.url)));
  const before = residentBytes(served.pid);
  let most = 0;
  const drops = 20_000 * soakScale();
  for (let drop = 0; drop < drops; drop++) {
    for (const socket of sockets) if (socket.writable) socket.write(fragment(drop === 0 ? 1 : 0));
    // Waits until the gateway has read each frame by itself, because frames that arrive together take less memory.
    await new Promise((resolve) => setTimeout(resolve, 4));
    if (drop % 50 === 0) most = Math.max(most, residentBytes(served.pid) - before);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(60 * mib);
  expect(sockets.some((socket) => socket.closed)).toBe(true);
  expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test('incomplete bodies and messages count against one limit, until their connection closes', async () => {
  await using guarded = await startGuarded({ limits: { bytesEach: 100_000, bytes: 150_000 } });
  const { url, mine, theirs } = guarded;
  const { hostname, port, host } = new URL(url);
  const begin = (key: string, bytes: number) => {
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/generations HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
        `Authorization: Bearer ${key}\r\nContent-Length: 1000000\r\n\r\n${' '.repeat(bytes)}`,
    );
    return socket;
  };
  const begun = [begin(mine, 60_000), begin(mine, 60_000)];
  // The gateway refuses the one that it reads second.
  const [refusal] = (await Promise.race(begun.map((socket) => once(socket, 'data')))) as [Buffer];
  expect(refusal.toString()).toMatch(/^HTTP\/1.1 429 [^]*incomplete/);
  const wire = new WebSocket(`${url.replace('http', 'ws')}/trpc`, { headers: bearer(mine) });
  await once(wire, 'open');
  wire.send('x'.repeat(60_000), { fin: false });
  expect((await once(wire, 'close'))[0]).toBe(1008);
  const body = { method: 'POST', headers: { 'content-type': 'application/json', ...bearer(theirs) } };
  const answer = await ask(`${url}/v1/generations`, { ...body, body: JSON.stringify({ prompt: 'x'.repeat(80_000) }) });
  expect(errorCodeOf(answer.body)).not.toBe('rate-limited');
  for (const socket of begun) socket.destroy();
  const long = {
    ...body,
    headers: { ...body.headers, ...bearer(mine) },
    body: JSON.stringify({ prompt: 'one' }).padEnd(90_000),
  };
  await expect.poll(async () => (await ask(`${url}/v1/generations`, long)).status).toBe(202);
});
