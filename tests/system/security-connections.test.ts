import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, afterEach, expect, onTestFinished, test } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { crowdAddresses, disperse, openCrowd, openSocketCrowd, type Crowd } from './crowd.ts';
import { watchHealth } from './health-watch.ts';
import { atRest } from './process-load.ts';
import { frame } from './raw-websocket.ts';
import { readEvents } from './read-events.ts';
import { mib, residentBytes } from './resident-memory.ts';
import { startServe } from './serve-process.ts';

const scale = soakScale();
const inFull = scale === 1;
const connections = 1000 * scale;
const kib = 1024;
/** Bytes that the gateway counts for each received piece besides its own bytes. */
const pieceOverheadBytes = kib;

/** Limits for this number of connections. */
const bytesEach = Math.round(64 * mib * scale);
const bytes = bytesEach * crowdAddresses;

/** Memory of a connection itself, in bytes: its objects here and in Node, and one or two buffers. */
const itself = 64 * kib;

/** Memory that the process gains without regard to its connections, in bytes: code, and uncollected garbage. */
const besides = 64 * mib;

/** Incomplete bytes that each connection may hold when all hold the same number. */
const share = bytes / connections;

interface Attack {
  /** Prepares the gateway. */
  prepare?: (url: string) => Promise<void>;
  /** Opens the connections and fills each up to its limit. */
  drive: (url: string) => Promise<Crowd>;
  /** Bytes that one connection holds. */
  each: number;
  /** Seconds within which the gateway closes all of them. */
  closed: number;
}

/**
 * Writes a piece to all sockets `pieces` times, to a few sockets at a time: pieces that arrive together take less memory,
 * and the system drops packets that it has no room for.
 */
async function drip({ sockets }: Crowd, piece: Buffer, pieces: number): Promise<void> {
  const few = Math.min(100, Math.ceil(mib / piece.length));
  for (let at = 0; at < pieces; at++) {
    for (let from = 0; from < sockets.length; from += few) {
      for (const socket of sockets.slice(from, from + few)) if (socket.writable) socket.write(piece);
      await pause(4);
    }
  }
}

/** Number of pieces that one connection may hold. The gateway counts each as two pieces. */
const piecesOf = (size: number) => Math.floor((0.95 * share) / (size + 2 * pieceOverheadBytes));

const head = (url: string, lines: string) => `POST /v1/generations HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${lines}`;

/** Incomplete bodies in pieces of `bytes` bytes. */
const unfinishedBodies = (size: number): Attack => ({
  drive: async (url) => {
    const lines = `Content-Type: application/json\r\nContent-Length: ${4 * mib - 1}\r\n\r\n`;
    const crowd = await openCrowd(url, connections, head(url, lines));
    await drip(crowd, Buffer.alloc(size, ' '), piecesOf(size));
    return crowd;
  },
  each: share,
  closed: 75,
});

/** Incomplete messages in frames of `bytes` bytes. */
const unfinishedMessages = (size: number): Attack => ({
  drive: async (url) => {
    const crowd = await openSocketCrowd(url, connections);
    await drip(crowd, frame(Buffer.alloc(1), { last: false }), 1);
    await drip(crowd, frame(Buffer.alloc(size, 'x'), { opcode: 0, last: false }), piecesOf(size) - 1);
    return crowd;
  },
  each: share,
  closed: 70,
});

/** A generation that writes more than the systems at both ends of a connection buffer. */
async function longGeneration(url: string): Promise<void> {
  if ((await fetch(`${url}/v1/generations/long`)).ok) return;
  const input = { id: 'long', prompt: 'Once upon a time', ignoreEos: true, onContextFull: 'shift', logprobs: 20 };
  for await (const _ of readEvents(url, { ...input, maxTokens: inFull ? 4000 : 2500 }));
}

const attacks: Record<string, Attack> = {
  'incomplete request headers': {
    drive: async (url) => {
      const crowd = await openCrowd(url, connections, head(url, ''));
      await drip(crowd, Buffer.from('a:b\r\n'.repeat(200)), 15);
      return crowd;
    },
    each: 16 * kib,
    closed: 35,
  },
  'incomplete bodies in pieces of one byte': unfinishedBodies(1),
  'incomplete bodies in large pieces': unfinishedBodies(60 * kib),
  'idle connections after a request': {
    drive: async (url) => openCrowd(url, connections, `GET /healthz HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`),
    each: 0,
    closed: 90,
  },
  'silent sockets': { drive: (url) => openSocketCrowd(url, connections), each: 0, closed: 20 },
  'incomplete messages in frames of one byte': unfinishedMessages(1),
  'incomplete messages in large frames': unfinishedMessages(60 * kib),
  'unread streams': {
    prepare: longGeneration,
    drive: (url) =>
      openCrowd(url, connections, `GET /v1/generations/long/events HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`),
    each: mib,
    // Where the system buffers the rest of a stream, an idle connection remains.
    closed: 100,
  },
  'unread subscriptions': {
    prepare: longGeneration,
    drive: async (url) => {
      const crowd = await openSocketCrowd(url, connections);
      const call = { id: 1, method: 'subscription', params: { path: 'watch', input: { id: 'long' } } };
      await drip(crowd, frame(Buffer.from(JSON.stringify(call))), 1);
      return crowd;
    },
    each: mib,
    // 30 s as a slow consumer, and 30 s to answer the close frame.
    closed: 80,
  },
  'unread responses to calls': {
    drive: async (url) => {
      const crowd = await openSocketCrowd(url, connections);
      // The response, an error about an unknown path, is twice as long.
      const call = { id: 1, method: 'query', params: { path: 'x'.repeat(50_000) } };
      await drip(crowd, frame(Buffer.from(JSON.stringify(call))), 50);
      return crowd;
    },
    each: mib,
    closed: 75,
  },
};

const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

/**
 * Resolves once the gateway has closed its connections. The sockets here cannot show that: they read nothing, and so do
 * not notice their end.
 */
async function untilFiles(pid: number, files: number, seconds: number): Promise<void> {
  const late = AbortSignal.timeout(seconds * 1000);
  // The health check may have a connection, too.
  while (openFiles(pid) > files + 5) await pause(100, undefined, { signal: late });
}

type Served = Awaited<ReturnType<typeof startServe>>;

/** In a full run each attack has its own gateway, because freed memory is used again. A short run shares one gateway. */
let shared: Served | null = null;

async function gateway(): Promise<Served> {
  const limits = ['--limit', `bytesEach=${bytesEach}`, '--limit', `bytes=${bytes}`];
  return (shared ??= await startServe('--parallel', '1', '--ctx', '512', ...limits));
}

async function endGateway(): Promise<void> {
  await shared?.[Symbol.asyncDispose]();
  shared = null;
}

afterEach(async () => {
  if (inFull) await endGateway();
});
afterAll(endGateway);

test.each(Object.entries(attacks))(
  '%s take no more memory than their limit',
  { timeout: 300_000 },
  async (name, { prepare, drive, each, closed }) => {
    const { url, pid } = await gateway();
    await prepare?.(url);
    await atRest(pid);
    const before = residentBytes(pid);
    const files = openFiles(pid);
    let peak = before;
    const sampling = setInterval(() => (peak = Math.max(peak, residentBytes(pid))), 50);
    onTestFinished(() => clearInterval(sampling));
    await using health = watchHealth(url);
    const start = performance.now();
    const seconds = () => Math.round((performance.now() - start) / 1000);
    const crowd = await drive(url);
    await atRest(pid);
    onTestFinished(() => disperse(crowd));
    const driven = seconds();
    const held = openFiles(pid) - files;
    if (inFull) await untilFiles(pid, files, closed);
    const over = seconds();
    const { times } = await health.stop();
    clearInterval(sampling);
    disperse(crowd);
    await untilFiles(pid, files, 30);
    const took = peak - before;
    // Allocators keep freed memory. A second round that needs no more shows that it was freed.
    let again = before;
    if (inFull) {
      const other = await drive(url);
      await atRest(pid);
      again = residentBytes(pid);
      disperse(other);
      await untilFiles(pid, files, 30);
    }
    process.stdout.write(
      `${name} ${JSON.stringify({
        connections,
        'MiB before, at most, at a second time': [before, peak, again].map((size) => Math.round(size / mib)),
        'KiB each': Math.round(took / connections / kib),
        'seconds until driven, until closed': [driven, over],
        'answers of /healthz': times.length,
        'longest (ms)': times.at(-1),
      })}\n`,
    );
    expect(held).toBeGreaterThanOrEqual(connections);
    expect(took).toBeLessThan(connections * (itself + each) + besides);
    // The machine also runs the clients, so that a few late responses are no fault.
    expect(inFull ? times[Math.floor(times.length / 2)] : 0).toBeLessThan(1000);
    expect(again).toBeLessThan(peak + took / 2 + besides / 2);
  },
);
