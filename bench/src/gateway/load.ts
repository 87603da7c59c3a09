// The clients' process: every stream of the run, read as a plain tRPC client would.
import { once } from 'node:events';

import type { GenerationEvent } from '@headway/protocol';
import { WebSocket } from 'ws';

import { Latencies } from './latencies.ts';
import type { LoadCommand, LoadReport } from './messages.ts';
import { nowUs, stamps } from './stamped.ts';

interface Stream {
  stalled: boolean;
  received: number;
  disordered: number;
  firstUs: number;
  lastUs: number;
  /** What `usage` says at the end. */
  written: number | null;
}

const latencies = new Latencies();
let messages = 0;
let ended = 0;
let onAllEnded = (): void => undefined;
/** Whether those who stopped reading read on. */
let read = false;

const [command] = (await once(process, 'message')) as [LoadCommand];
const { url, streams: count, stalled, sockets: socketCount, seconds, tokensPerSecond, models } = command;
const all = Array.from({ length: count }, (_, at): Stream => {
  return { stalled: at < stalled, received: 0, disordered: 0, firstUs: 0, lastUs: 0, written: null };
});

/** Stalled streams have sockets of their own: a socket is what stops being read. */
const sockets = await openSockets(stalled + Math.min(socketCount, count - stalled));
const socketOf = (at: number): WebSocket => {
  const own = at < stalled ? at : stalled + ((at - stalled) % (sockets.length - stalled));
  const socket = sockets[own];
  if (!socket) throw new Error('there is a socket for each stream');
  return socket;
};

for (const socket of new Set(sockets)) socket.on('message', (frame: Buffer) => onFrame(frame, socket));
const startedUs = nowUs();
const startedCpu = process.cpuUsage();
for (const [at] of all.entries()) {
  // Spread over three seconds, as requests are.
  await until(startedUs + (3e6 * at) / count);
  const input = {
    prompt: at < stalled ? 'stalled' : 'reading',
    model: `scripted-${at % models}`,
    ignoreEos: true,
    maxTokens: Math.round(seconds * tokensPerSecond),
  };
  socketOf(at).send(JSON.stringify({ id: at, method: 'subscription', params: { path: 'generate', input } }));
}
await allEnded(count - stalled);
const { user, system } = process.cpuUsage(startedCpu);
const cpu = (user + system) / (nowUs() - startedUs);
process.send?.({ kind: 'read' });
read = true;
for (const socket of sockets.slice(0, stalled)) socket.resume();
await allEnded(count);

const reading = all.filter((stream) => !stream.stalled);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const tokens = sum(reading.map(({ received }) => received));
const report: LoadReport = {
  tokens,
  latencyMs: {
    p50: latencies.percentile(0.5),
    p99: latencies.percentile(0.99),
    p999: latencies.percentile(0.999),
    worst: latencies.worst,
  },
  messages,
  tokensPerSecondEach:
    sum(reading.map(({ received, firstUs, lastUs }) => ((received - 1) * 1e6) / (lastUs - firstUs))) / reading.length,
  lost: sum(all.map(({ received, written }) => (written ?? 0) - received)),
  disordered: sum(all.map(({ disordered }) => disordered)),
  unfinished: all.filter(({ written }) => written === null).length,
  stalledTokens: sum(all.filter((stream) => stream.stalled).map(({ received }) => received)),
  cpu,
};
process.send?.({ kind: 'report', ...report });
for (const socket of sockets) socket.terminate();
process.disconnect();

function onFrame(frame: Buffer, socket: WebSocket): void {
  const text = frame.toString();
  if (!text.startsWith('{')) return;
  const { id, result, error } = JSON.parse(text) as {
    id: number;
    result?: { type: string; data?: { data: GenerationEvent } };
    error?: { message: string };
  };
  const stream = all[id];
  if (error || !stream) throw new Error(error?.message ?? `a message for stream ${id}, which is none`);
  const event = result?.data?.data;
  if (event?.type === 'token') onToken(stream, event.text, socket);
  else if (event?.type === 'done') stream.written = event.usage.completionTokens;
  else if (event?.type === 'error') throw new Error(`${event.code}: ${event.message}`);
  if (result?.type === 'stopped') {
    ended++;
    onAllEnded();
  }
}

function onToken(stream: Stream, text: string, socket: WebSocket): void {
  const now = nowUs();
  if (!stream.stalled) messages++;
  for (const { number, atUs } of stamps(text)) {
    if (number !== stream.received) stream.disordered++;
    if (stream.received === 0) stream.firstUs = atUs;
    stream.lastUs = atUs;
    stream.received++;
    if (!stream.stalled) latencies.add(atUs, now);
  }
  if (stream.stalled && !read) socket.pause();
}

async function allEnded(wanted: number): Promise<void> {
  await new Promise<void>((resolve) => {
    onAllEnded = () => ended >= wanted && resolve();
    onAllEnded();
  });
}

async function openSockets(many: number): Promise<WebSocket[]> {
  const opened: WebSocket[] = [];
  for (let at = 0; at < many; at++) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`);
    await once(socket, 'open');
    opened.push(socket);
  }
  return opened;
}

async function until(atUs: number): Promise<void> {
  const ms = (atUs - nowUs()) / 1000;
  if (ms > 1) await new Promise((resolve) => setTimeout(resolve, ms));
}
