// A server with OpenAI's API whose tokens say when they were written. The prompt says how fast: the time between two
// tokens in ms, or 0 for as fast as the reader takes them.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { nowUs, stamp, Steps } from '../gateway/stamped-backend.ts';

interface ChatBody {
  messages: { content: string }[];
  max_tokens: number;
}

const head = { id: 'chatcmpl-0123456789abcdef', object: 'chat.completion.chunk', created: 1e9, model: 'stamped' };
const steps = new Map<number, Steps>();

const server = createServer((request, response) => {
  if (request.url === '/v1/models') {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ object: 'list', data: [{ id: 'stamped', object: 'model' }] }));
  }
  if (request.url !== '/v1/chat/completions') return response.writeHead(404).end('{"error":{"message":"not found"}}');
  let body = '';
  request.setEncoding('utf8').on('data', (read: string) => (body += read));
  request.on('end', () => void answer(JSON.parse(body) as ChatBody, response));
});

async function answer({ messages, max_tokens: most }: ChatBody, response: ServerResponse): Promise<void> {
  const everyMs = Number(messages.at(-1)?.content);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (chunk: object) => response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
  const write = (number: number) =>
    send({ choices: [{ index: 0, delta: { content: stamp(number, nowUs()) }, finish_reason: null }] });
  await (everyMs > 0 ? writeInSteps(everyMs, most, write) : writeFast(response, most, write));
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
  const usage = { prompt_tokens: 10, completion_tokens: most, total_tokens: 10 + most };
  send({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

function writeInSteps(everyMs: number, most: number, write: (number: number) => void): Promise<void> {
  const paced = steps.get(everyMs) ?? new Steps(everyMs);
  steps.set(everyMs, paced);
  let number = 0;
  return new Promise((resolve) => {
    paced.add(() => {
      write(number++);
      if (number < most) return true;
      resolve();
      return false;
    });
  });
}

/** Tokens that are written between two turns of the event loop. */
const burst = 16;

async function writeFast(response: ServerResponse, most: number, write: (number: number) => void): Promise<void> {
  for (let number = 0; number < most;) {
    response.cork();
    for (const end = Math.min(most, number + burst); number < end; number++) write(number);
    response.uncork();
    if (response.writableNeedDrain) await once(response, 'drain');
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
