// The clients' process: reads every stream of the run as a plain client of tRPC or of OpenAI's chat would.
import { once } from 'node:events';
import { request } from 'node:http';

import type { GenerationEvent } from '@headway/protocol';
import { WebSocket } from 'ws';

import { Latencies } from './latencies.ts';
import type { LoadCommand, LoadReport } from './messages.ts';
import { nowUs, stamps } from './stamped-backend.ts';

interface Stream {
  /** Whether the stream writes long tokens. In one of the runs its client stops reading. */
  long: boolean;
  /** Where the stream resumes after the gateway has closed its socket. */
  lastEventId: string | undefined;
  received: number;
  disordered: number;
  firstUs: number;
  lastUs: number;
  /** Completion tokens in `usage` at the end. */
  written: number | null;
}

/** Stalled clients resume reading after this share of the run. */
const readOnAfter = 0.8;

const latencies = new Latencies();
let messages = 0;
let ended = 0;
let begun = 0;
/** Whether all streams write: all have begun and none has ended. */
let steady = false;
let steadyTokens = 0;
const onEnded = new Set<() => void>();
/** Whether the stalled clients have resumed reading. */
let readingResumed = false;

const [command] = (await once(process, 'message')) as [LoadCommand];
const { url, streams: count, long, stall, sockets: socketCount, seconds, tokensPerSecond, models, surface } = command;
const isLong = (at: number): boolean => at >= count - long;
const all = Array.from({ length: count }, (_, at): Stream => {
  const seen = { received: 0, disordered: 0, firstUs: 0, lastUs: 0, written: null };
  return { long: isLong(at), lastEventId: undefined, ...seen };
});

/** Each long stream has its own socket, because a client stops reading a whole socket. */
const sockets: WebSocket[] = [];
const socketAt = (at: number): number =>
  isLong(at) ? Math.min(socketCount, count - long) + (at - (count - long)) : at % Math.min(socketCount, count - long);
const socketOf = (at: number): WebSocket => {
  const socket = sockets[socketAt(at)];
  if (!socket) throw new Error(`stream ${at} has no socket`);
  return socket;
};

if (surface === 'trpc') await openSockets(new Set(all.map((_, at) => socketAt(at))).size);
const startedUs = nowUs();
const startedCpu = process.cpuUsage();
for (const [at] of all.entries()) {
  // Spread the requests over three seconds.
  await until(startedUs + (3e6 * at) / count);
  if (surface === 'openai') streamChat(at);
  else subscribe(at);
}
let resumed = 0;
if (stall) {
  await until(startedUs + readOnAfter * seconds * 1e6);
  readingResumed = true;
  await Promise.all(all.flatMap((stream, at) => (stream.long ? resumeReading(at) : [])));
}
await allEnded(count);
const { user, system } = process.cpuUsage(startedCpu);
const cpu = (user + system) / (nowUs() - startedUs);

const reading = all.filter((stream) => !stream.long);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const tokens = sum(reading.map(({ received }) => received));
const report: LoadReport = {
  tokens,
  steadyTokens,
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
  resumed,
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
    result?: { type: string; data?: { id: string; data: GenerationEvent } };
    error?: { message: string; data: { headway: { code: string; retryable: boolean } } };
  };
  const stream = all[id];
  if (!stream) throw new Error(`a message for an unknown stream ${id}`);
  // The gateway closes the socket next; `resumeReading` reconnects.
  if (error?.data.headway.code === 'slow-consumer' && error.data.headway.retryable) return;
  if (error) throw new Error(error.message);
  const event = result?.data?.data;
  stream.lastEventId = result?.data?.id ?? stream.lastEventId;
  if (event?.type === 'token') {
    onToken(stream, event.text);
    if (stall && stream.long && !readingResumed) socket.pause();
  } else if (event?.type === 'done') onDone(stream, event.usage.completionTokens);
  else if (event?.type === 'error') throw new Error(`${event.code}: ${event.message}`);
  if (result?.type === 'stopped' && stream.written !== null) onEnd();
}

function onDone(stream: Stream, written: number): void {
  stream.written = written;
  if (begun < count) throw new Error('a stream ended before all had begun; use more --seconds');
  if (steady) process.send?.({ kind: 'ending' });
  steady = false;
}

function onEnd(): void {
  ended++;
  for (const check of onEnded) check();
}

function onToken(stream: Stream, text: string): void {
  const now = nowUs();
  if (!stream.long) messages++;
  for (const { number, atUs } of stamps(text)) {
    if (number !== stream.received) stream.disordered++;
    if (stream.received === 0) {
      stream.firstUs = atUs;
      onBegun();
    }
    stream.lastUs = atUs;
    stream.received++;
    if (!steady) continue;
    steadyTokens++;
    if (!stream.long) latencies.add(atUs, now);
  }
}

function onBegun(): void {
  if (++begun < count) return;
  steady = true;
  process.send?.({ kind: 'begun' });
}

async function allEnded(wanted: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const check = () => {
      if (ended < wanted) return;
      onEnded.delete(check);
      resolve();
    };
    onEnded.add(check);
    check();
  });
}

function subscribe(at: number): void {
  const input = {
    prompt: isLong(at) ? 'long' : 'short',
    model: `scripted-${at % models}`,
    ignoreEos: true,
    maxTokens: Math.round(seconds * tokensPerSecond),
    id: `stream-${at}`,
  };
  const params = { path: 'generate', input, lastEventId: all[at]?.lastEventId };
  socketOf(at).send(JSON.stringify({ id: at, method: 'subscription', params }));
}

/** Streams a chat in OpenAI's format, on a connection of its own. */
function streamChat(at: number): void {
  const stream = all[at];
  if (!stream) throw new Error(`there is no stream ${at}`);
  const body = JSON.stringify({
    model: `scripted-${at % models}`,
    messages: [{ role: 'user', content: isLong(at) ? 'long' : 'short' }],
    stream: true,
    stream_options: { include_usage: true },
    ignore_eos: true,
    max_tokens: Math.round(seconds * tokensPerSecond),
  });
  const headers = { 'content-type': 'application/json' };
  const call = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false }, (response) => {
    if (response.statusCode !== 200) throw new Error(`stream ${at} got the status ${response.statusCode}`);
    let text = '';
    response.setEncoding('utf8').on('data', (read: string) => {
      const lines = (text + read).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: {')) onChunk(stream, line.slice('data: '.length));
    });
    response.on('end', () => {
      if (stream.written === null) throw new Error(`stream ${at} ended early`);
      onEnd();
    });
  });
  call.end(body);
}

function onChunk(stream: Stream, data: string): void {
  const { choices, usage, error } = JSON.parse(data) as {
    choices?: { delta: { content?: string | null } }[];
    usage?: { completion_tokens: number } | null;
    error?: { message: string };
  };
  if (error) throw new Error(error.message);
  const content = choices?.[0]?.delta.content;
  if (content) onToken(stream, content);
  if (usage) onDone(stream, usage.completion_tokens);
}

/** Reads the socket again. When the gateway has closed it, resumes the stream on a new socket. */
async function resumeReading(at: number): Promise<void> {
  const socket = socketOf(at);
  const closed = once(socket, 'close');
  const ending = allEnded(count).then(() => 'ended');
  socket.resume();
  if ((await Promise.race([closed, ending])) === 'ended') return;
  resumed++;
  sockets[socketAt(at)] = await openSocket();
  subscribe(at);
}

/** Opens them before any stream begins: opening each would wait for a gateway that is busy with streams. */
async function openSockets(wanted: number): Promise<void> {
  while (sockets.length < wanted) {
    const opening = Array.from({ length: Math.min(50, wanted - sockets.length) }, openSocket);
    sockets.push(...(await Promise.all(opening)));
  }
}

async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`);
  socket.on('message', (frame: Buffer) => onFrame(frame, socket));
  await once(socket, 'open');
  return socket;
}

async function until(atUs: number): Promise<void> {
  const ms = (atUs - nowUs()) / 1000;
  if (ms > 1) await new Promise((resolve) => setTimeout(resolve, ms));
}
