// The floor: writes what the gateway would write, to as many sockets and at the same times, with Node's and ws's own
// functions and neither engine nor gateway.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import type { GenerationEvent, TokenEvent } from '@headway/protocol';
import { WebSocketServer } from 'ws';

import { reportCost } from './report-cost.ts';
import { nowUs, stamp, Steps } from './stamped-backend.ts';

const [, tokensPerSecond, longBytes] = process.argv.slice(2).map(Number) as [number, number, number];
const padding = 'x'.repeat(longBytes);
const steps = new Steps(1000 / tokensPerSecond);

/** Calls `write` for each of `most` tokens when its time has come, then `end`. */
function stream(
  prompt: string,
  most: number,
  { write, end }: { write: (token: TokenEvent) => void; end: () => void },
): void {
  const pad = prompt === 'long' ? padding : '';
  const began = performance.now();
  let written = 0;
  steps.add(() => {
    const text = stamp(written++, nowUs(), pad);
    const rate = (written * 1000) / (performance.now() - began);
    write({
      type: 'token',
      seq: written,
      index: 0,
      text,
      count: 1,
      completionTokens: written,
      tokensPerSecond: rate,
      channel: 'content',
    });
    if (written < most) return true;
    end();
    return false;
  });
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (read: string) => (body += read));
  request.on('end', () => streamChat(JSON.parse(body) as ChatBody, response));
});

interface ChatBody {
  messages: { content: string }[];
  model: string;
  max_tokens: number;
}

function streamChat({ messages, model, max_tokens: most }: ChatBody, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const head = {
    id: 'chatcmpl-0123456789abcdef0123456789abcdef',
    object: 'chat.completion.chunk',
    created: 1e9,
    model,
  };
  const send = (chunk: object) => response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
  stream(messages.at(-1)?.content ?? '', most, {
    write: ({ text }) => send({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] }),
    end: () => {
      send({ choices: [], usage: { completion_tokens: most } });
      response.end();
    },
  });
}

interface Subscription {
  id: number;
  params: { input: { id: string; prompt: string; maxTokens: number } };
}

new WebSocketServer({ server, path: '/trpc' }).on('connection', (client, { socket }) => {
  client.on('message', (data: Buffer) => {
    const { id, params } = JSON.parse(data.toString()) as Subscription;
    const { id: name, prompt, maxTokens } = params.input;
    const send = (event: GenerationEvent | object, seq: number) => {
      const data = { id: `${name}:${seq}`, data: event };
      writeFrame(socket, JSON.stringify({ id, result: { type: 'data', id: `${name}:${seq}`, data } }));
    };
    stream(prompt, maxTokens, {
      write: (token) => send(token, token.seq),
      end: () => {
        send({ type: 'done', usage: { completionTokens: maxTokens } }, maxTokens + 1);
        writeFrame(socket, JSON.stringify({ id, result: { type: 'stopped' } }));
      },
    });
  });
});

/** Sockets that send what is written in a callback of the event loop with one system call after it. */
const corked = new Set<Socket>();

/** Writes a text of ASCII characters as a WebSocket's frame (RFC 6455, 5.2). `client.send` would cost more. */
function writeFrame(socket: Socket, text: string): void {
  if (!corked.has(socket)) {
    if (corked.size === 0) process.nextTick(uncork);
    corked.add(socket);
    socket.cork();
  }
  const size = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 0xff];
  socket.write(String.fromCharCode(0x81, ...size) + text, 'latin1');
}

function uncork(): void {
  for (const socket of corked) socket.uncork();
  corked.clear();
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
reportCost(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
  server.close();
  server.closeAllConnections();
});
