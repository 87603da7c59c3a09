import { once } from 'node:events';
import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { errorCode } from '@headway/protocol';
import { WebSocket } from 'ws';

import type { FuzzRequest } from './fuzz-inputs.ts';
import { upgradeRequest } from './raw-websocket.ts';

/** Records a fault and its input: a leaked stack, an internal error, a response of no known format. */
export type Complaint = (what: string, answer: string) => void;

/** The codes that an error may have. `cancelled` is one, because the fuzzer cancels endless generations. */
const foreseen = new Set<unknown>(['cancelled', ...errorCode.options.filter((code) => code !== 'internal')]);

/** Checks an error in the format of any surface. */
function judge(body: unknown, answer: string, complain: Complaint): void {
  if (/"stack"|node_modules|\.(ts|js|mjs):\d/.test(answer)) complain('leaked a stack or a path', answer);
  for (const one of Array.isArray(body) ? body : [body]) {
    const { error } = (one ?? {}) as {
      error?: { code?: unknown; data?: { headway?: { code?: unknown } }; details?: { error_code?: unknown } };
    };
    const code = error?.data?.headway?.code ?? error?.details?.error_code ?? error?.code;
    if (error && !foreseen.has(code)) complain('failed unforeseen', answer);
  }
}

/** Sends messages over a socket, and opens another when the gateway closes it. */
export class FuzzSocket {
  readonly #url: string;
  readonly #complain: Complaint;
  #socket: WebSocket | null = null;
  answers = 0;
  opened = 0;

  constructor(url: string, complain: Complaint) {
    this.#url = url;
    this.#complain = complain;
  }

  /** Sends all messages. Resolves when the gateway has read them, or has closed the socket. */
  async send(messages: readonly (string | Buffer)[]): Promise<void> {
    const socket = await this.#open();
    for (const one of messages) socket.send(one);
    if (socket.readyState !== WebSocket.OPEN) return;
    const read = new Promise<void>((resolve) => {
      socket.once('pong', () => resolve());
      socket.once('close', () => resolve());
    });
    socket.ping();
    await read;
    socket.removeAllListeners('pong');
  }

  async close(): Promise<void> {
    if (!this.#socket || this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  async #open(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    // The frames of a closing socket are checked, too.
    await this.close();
    this.opened++;
    // Every other socket starts with connectionParams.
    const socket = new WebSocket(
      `${this.#url.replace('http', 'ws')}/trpc${this.opened % 2 ? '' : '?connectionParams=1'}`,
    );
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.answers++;
      const answer = data.toString();
      if (answer === 'PONG') return;
      judge(JSON.parse(answer), answer, this.#complain);
    });
    await once(socket, 'open');
    return socket;
  }
}

/** Writes bytes after a handshake. Resolves when the gateway has closed the connection. */
export async function sendFrames(url: string, bytes: Buffer): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  socket.write(upgradeRequest(url));
  await once(socket, 'data');
  const closed = once(socket, 'close');
  socket.resume();
  socket.end(bytes);
  await closed;
}

/** Writes bytes on a new connection. Resolves with the response when the gateway has closed the connection. */
export async function sendBytes(url: string, bytes: Buffer, complain: Complaint): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => (answer += String(part)));
  socket.end(bytes);
  await once(socket, 'close');
  if (answer !== '' && !/^HTTP\/1\.1 [1234]\d\d /.test(answer)) complain('answered no HTTP, or failed', answer);
}

/** Sends a request on a kept connection. Resolves when its response was read. */
export async function sendRequest(
  url: string,
  { method, path, headers, body }: FuzzRequest,
  { agent, complain }: { agent: Agent; complain: Complaint },
): Promise<number> {
  const call = httpRequest(url + path, {
    method,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent,
  });
  call.on('error', (error) => complain('broke the connection', `${method} ${path}: ${error.message}`));
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = await text(response);
  const { statusCode = 0 } = response;
  const shown = `${method} ${path} ${JSON.stringify(headers)} ${body.slice(0, 200)}: ${statusCode} ${answer}`;
  if (statusCode >= 500) complain('failed', shown);
  // tRPC streams a batch line by line on request, with the content type of JSON.
  const whole = headers['trpc-accept'] !== 'application/jsonl' && answer !== '';
  if (whole && /json/.test(response.headers['content-type'] ?? '')) judge(JSON.parse(answer), shown, complain);
  return statusCode;
}
