import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import type { GenerationEvent } from '@headway/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openAiErrorDialect } from '../../apis/openai/openai-error.ts';
import { ErrorDialects } from '../../surface/error-dialect.ts';
import { WebSocket, WebSocketServer } from 'ws';

import { startAccessControl } from '../../access/start-access-control.ts';
import { GenerationRegistry } from '../../generations/generation-registry.ts';
import { BoundedSocket } from './bounded-socket.ts';
import { serveTrpcSockets } from '../serve-websocket.ts';

test(
  'a client that stops reading buffers less than 1 MiB, loses no text, and does not delay other clients',
  { timeout: 60_000 },
  async () => {
    const tokens = 60_000;
    const reply = Array.from({ length: tokens }, (_, at) => `w${at}`).join(' ');
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({
      backend: scripted({
        clock,
        contextSize: 100_000,
        script: ({ prompt }) => ({ reply: prompt === 'long' ? reply : 'short' }),
      }),
      clock,
    });
    const server = createServer();
    const accepted: Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    const log = pino({ level: 'silent' });
    const { accessControl } = await startAccessControl({}, log);
    const sockets = serveTrpcSockets({
      server,
      engine,
      generations: new GenerationRegistry({ engine }),
      version: '1',
      slowConsumerMs: undefined,
      accessControl,
      log,
      errorDialects: new ErrorDialects([], openAiErrorDialect),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const open = async (): Promise<WebSocket> => {
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/trpc`);
      await new Promise((resolve) => client.once('open', resolve));
      return client;
    };
    const subscribe = (client: WebSocket, prompt: string): Promise<GenerationEvent[]> =>
      new Promise((resolve) => {
        const events: GenerationEvent[] = [];
        client.on('message', (frame: Buffer) => {
          const { result } = JSON.parse(frame.toString()) as {
            result: { type: string; data?: { data: GenerationEvent } };
          };
          if (result.data) events.push(result.data.data);
          else if (result.type === 'stopped') resolve(events);
        });
        client.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input: { prompt } } }));
      });
    const idle = async () => (await engine.activity()).slots.busy === 0;

    const paused = await open();
    const [serverSide] = accepted;
    const read = subscribe(paused, 'long');
    await new Promise((resolve) => paused.once('message', resolve));
    paused.pause();
    let most = 0;
    while (!(await idle())) {
      most = Math.max(most, serverSide?.writableLength ?? Number.NaN);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(serverSide?.writableNeedDrain).toBe(true);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(1024 * 1024);

    const other = await open();
    expect((await subscribe(other, 'other')).at(-1)).toMatchObject({ type: 'done' });

    paused.resume();
    const events = await read;
    const written = events.flatMap((event) => (event.type === 'token' ? [event] : []));
    expect(written.length).toBeLessThan(tokens);
    expect(written.reduce((sum, { count }) => sum + count, 0)).toBe(tokens);
    expect(written.map(({ text }) => text).join('')).toBe(reply);
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { completionTokens: tokens } });

    paused.close();
    other.close();
    await sockets.close(Promise.resolve());
    await new Promise((resolve) => server.close(resolve));
  },
);

test('BoundedSocket closes with slow-consumer once more than 1 MiB waits for its client', async () => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', WebSocket: BoundedSocket });
  await new Promise((resolve) => sockets.once('listening', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`);
  const closed = new Promise((resolve) => client.once('close', (code, reason) => resolve([code, reason.toString()])));
  const [server] = await Promise.all([
    new Promise<BoundedSocket>((resolve) => sockets.once('connection', resolve)),
    new Promise((resolve) => client.once('open', resolve)),
  ]);
  client.pause();
  const frame = 'x'.repeat(64 * 1024);
  let sent = 0;
  while (server.readyState === WebSocket.OPEN) {
    server.send(frame);
    sent++;
    if (sent % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent * frame.length).toBeGreaterThan(1024 * 1024);
  expect(server.bufferedAmount).toBeLessThan(1024 * 1024 + 2 * frame.length);
  client.resume();
  expect(await closed).toEqual([1013, 'slow-consumer']);
  sockets.close();
});
