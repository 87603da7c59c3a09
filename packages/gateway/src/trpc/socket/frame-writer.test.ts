import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { FrameWriter } from './frame-writer.ts';

async function connect() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const opened = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  client.on('message', (data: Buffer) => received.push(data.toString()));
  const [socket, request] = await opened;
  return {
    received,
    socket,
    tcp: request.socket,
    frames: new FrameWriter(socket, request.socket),
    closed: once(client, 'close'),
    async [Symbol.asyncDispose]() {
      client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a client reads texts of any length and any characters, in order with those that ws sends', async () => {
  await using pair = await connect();
  const { received, socket, frames, closed } = pair;
  const sent: string[] = [];
  for (const length of [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 200_000]) {
    const texts = [
      'a'.repeat(length),
      'ü'.repeat(length),
      '\u0000\u007f'.repeat(length / 2),
      `六${'a'.repeat(length)}`,
    ];
    for (const [at, text] of texts.entries()) {
      if (at % 2 === 1) socket.send(`ws ${length} ${at}`, () => undefined);
      else frames.send(`written ${length} ${at}`);
      frames.send(text);
      sent.push(`${at % 2 === 1 ? 'ws' : 'written'} ${length} ${at}`, text);
    }
  }
  socket.close();
  await closed;
  expect(received).toEqual(sent);
});

test('the texts of one callback of the event loop reach the system together', async () => {
  await using pair = await connect();
  const { received, tcp, frames } = pair;
  await new Promise((resolve) => setImmediate(resolve));
  const before = tcp.bytesWritten - tcp.writableLength;
  for (let at = 0; at < 3; at++) frames.send('text');
  expect(tcp.writableLength).toBe(3 * 6);
  expect(tcp.bytesWritten - tcp.writableLength).toBe(before);
  await expect.poll(() => received).toEqual(['text', 'text', 'text']);
});

test('the last text of a callback reaches the system at once, behind those before it', async () => {
  await using pair = await connect();
  const { received, tcp, frames } = pair;
  frames.send('first');
  expect(tcp.writableLength).toBeGreaterThan(0);
  frames.sendAscii('second', true);
  expect(tcp.writableLength).toBe(0);
  frames.sendAscii('third', true);
  expect(tcp.writableLength).toBe(0);
  frames.send('fourth');
  await expect.poll(() => received).toEqual(['first', 'second', 'third', 'fourth']);
});

test('a socket that is closing gets no further text', async () => {
  await using pair = await connect();
  const { received, socket, frames, closed } = pair;
  frames.send('first');
  expect(frames.open).toBe(true);
  socket.close();
  expect(frames.open).toBe(false);
  frames.send('second');
  await closed;
  frames.send('third');
  expect(received).toEqual(['first']);
});
