import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import type { GenerationEvent } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { EventJson } from '../../generations/event-json.ts';
import { GenerationView } from '../../generations/generation-view.ts';
import { ImmediateQueue } from '../../generations/immediate-queue.ts';
import { MemoryLog } from '../../generations/log/memory-log.ts';
import { startGateway } from '../../index.ts';
import { paceSocket } from './bounded-socket.ts';
import { EventFrames } from './event-frames.ts';
import { FrameWriter } from './frame-writer.ts';

interface Frame {
  id: number | string;
  jsonrpc?: string;
  result: { type: string; id?: string; data?: { id: string; data: GenerationEvent } };
}

async function setUp(reply: string) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, contextSize: 200_000, script: { reply } }), clock });
  const gateway = await startGateway({ engine, port: 0, slowConsumerMs: 200 });
  const open = async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/trpc`);
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  };
  return {
    gateway,
    open,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

const ask = (id: number | string, path: string, input: object, more: object = {}) =>
  JSON.stringify({ id, ...more, method: 'subscription', params: { path, input } });

/** Collects frames until `subscriptions` subscriptions have stopped. */
function framesOf(socket: WebSocket, subscriptions: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  let stopped = 0;
  return new Promise((resolve) => {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame;
      frames.push(frame);
      if (frame.result.type === 'stopped' && ++stopped === subscriptions) resolve(frames);
    });
  });
}

const textOf = (frames: readonly Frame[]) =>
  frames.flatMap(({ result: { data } }) => (data?.data.type === 'token' ? data.data.text : [])).join('');

test('events that bypass tRPC have the same frame as its own, whatever the id of the call', async () => {
  const reply = 'one "two" three\n fünf 六';
  await using context = await setUp(reply);
  const socket = await context.open();
  const calls: [number | string, object][] = [
    [7, {}],
    ['a "quoted" id', {}],
    [8, { jsonrpc: '2.0' }],
  ];
  const reading = framesOf(socket, calls.length);
  for (const [id, more] of calls) socket.send(ask(id, 'generate', { prompt: 'x' }, more));
  const all = await reading;
  for (const [id, more] of calls) {
    const frames = all.filter((frame) => frame.id === id);
    const events = frames.filter(({ result }) => result.type === 'data');
    // tRPC itself wrote the first one.
    const shape = ({ id: _id, result, ...rest }: Frame) => ({
      rest,
      keys: Object.keys(result).sort(),
      data: Object.keys(result.data ?? {}),
    });
    const [first] = events;
    if (!first) throw new Error('no event arrived');
    for (const frame of events) expect(shape(frame)).toEqual({ ...shape(first), rest: more });
    for (const { result } of events) expect(result.id).toBe(result.data?.id);
    for (const { result } of events)
      expect(result.data?.id).toMatch(new RegExp(`^[0-9a-f]{32}:${result.data?.data.seq}$`));
    expect(frames.map(({ result }) => result.type)).toEqual(['started', ...events.map(() => 'data'), 'stopped']);
    expect(textOf(frames)).toBe(reply);
  }
  socket.close();
});

test('each of several subscriptions to one generation on one socket gets the whole text', async () => {
  await using context = await setUp('one two three four');
  const socket = await context.open();
  const reading = framesOf(socket, 3);
  socket.send(ask(1, 'generate', { prompt: 'x', id: 'mine' }));
  socket.send(ask(2, 'generate', { prompt: 'x', id: 'mine' }));
  socket.send(ask(3, 'generate', { prompt: 'x', id: 'mine' }));
  const all = await reading;
  for (const id of [1, 2, 3]) {
    const frames = all.filter((frame) => frame.id === id);
    expect(textOf(frames)).toBe('one two three four');
    expect(frames.at(-2)?.result.data?.data).toMatchObject({ type: 'done' });
  }
  socket.close();
});

test(
  'a client that stops reading gets slow-consumer, is closed, and can resume on another socket',
  { timeout: 60_000 },
  async () => {
    const reply = Array.from({ length: 60_000 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp(reply);
    const slow = await context.open();
    const frames: (Frame & { error?: { data: { headway: object } } })[] = [];
    slow.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
    const closed = new Promise<[number, string]>((resolve) =>
      slow.once('close', (code, reason) => resolve([code, reason.toString()])),
    );
    slow.send(ask(1, 'generate', { prompt: 'x', id: 'mine' }));
    await new Promise((resolve) => slow.once('message', resolve));
    slow.pause();
    const other = await context.open();
    const viewers = async () => {
      const answer = new Promise<{ result: { data: { viewers: number; state: string }[] } }>((resolve) =>
        other.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as never)),
      );
      other.send(JSON.stringify({ id: 9, method: 'query', params: { path: 'generations' } }));
      return (await answer).result.data[0];
    };
    await expect.poll(viewers, { timeout: 50_000 }).toMatchObject({ viewers: 0, state: 'ended' });
    slow.resume();
    expect(await closed).toEqual([1013, 'slow-consumer']);
    expect(frames.flatMap(({ error }) => error?.data.headway ?? [])).toEqual([
      { code: 'slow-consumer', retryable: true },
    ]);
    const seen = frames.filter(({ result }) => result?.type === 'data');
    expect(textOf(seen).length).toBeLessThan(reply.length);

    const reading = framesOf(other, 1);
    const lastEventId = seen.at(-1)?.result.id;
    other.send(ask(1, 'generate', { prompt: 'x', id: 'mine', lastEventId }));
    const rest = await reading;
    expect(textOf(seen) + textOf(rest)).toBe(reply);
    expect(rest.at(-2)?.result.data?.data).toMatchObject({ type: 'done', usage: { completionTokens: 60_000 } });
    other.close();
  },
);

test('on a closing socket a stream encodes nothing more, and its view closes as dropped', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const opened = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket, request] = await opened;
  const log = new MemoryLog({ maxBytes: 1024 * 1024 });
  const json = new EventJson();
  const encoding = vi.spyOn(json, 'of');
  const onClose = vi.fn();
  const view = new GenerationView(
    { connection: paceSocket(socket, request.socket, undefined) },
    { log, immediates: new ImmediateQueue(), json, ended: () => false, onClose },
  );
  const frames = new EventFrames(new FrameWriter(socket, request.socket));
  const stream = frames.stream('g', view);

  log.append(samplePrefill({ seq: 0 }));
  const { value } = await stream.next();
  // tRPC encodes the first event.
  frames.encoder.encode({ id: 1, result: { type: 'data', data: { id: value?.[0], data: value?.[1] } } } as never);
  const rest = stream.next();
  log.append(sampleToken({ seq: 1 }));
  await expect.poll(() => encoding.mock.calls.length).toBe(1);
  socket.close();
  for (const event of [sampleToken({ seq: 2 }), sampleDone({ seq: 3 })]) log.append(event);
  expect(await rest).toEqual({ done: true, value: undefined });
  expect(encoding).toHaveBeenCalledOnce();
  expect(onClose.mock.calls).toEqual([[view, 'dropped']]);

  client.terminate();
  await new Promise((resolve) => server.close(resolve));
});
