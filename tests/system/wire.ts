import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

import { WebSocket } from 'ws';

export interface Frame {
  id: number | string | null;
  result?: { type: string; data?: unknown };
  error?: { message: string; data: { code: string; headway: { code: string; retryable: boolean } } };
}

export interface WireOptions {
  headers?: Record<string, string>;
  /** The first message, like that of tRPC's clients. */
  connectionParams?: Record<string, string>;
}

/** A raw WebSocket to a gateway, for frames that no client sends. */
export class Wire implements AsyncDisposable {
  readonly socket: WebSocket;
  /** Resolves with the close code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly frames: Frame[] = [];
  readonly #waiting = new Set<() => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      }),
    );
    socket.on('error', () => undefined);
    socket.on('message', (frame: Buffer) => {
      this.frames.push(JSON.parse(frame.toString()) as Frame);
      this.#wake();
    });
  }

  static async open(url: string, { headers = {}, connectionParams }: WireOptions = {}): Promise<Wire> {
    const query = connectionParams ? '?connectionParams=1' : '';
    const wire = new Wire(new WebSocket(`${url.replace('http', 'ws')}/trpc${query}`, { headers }));
    await once(wire.socket, 'open');
    if (connectionParams) wire.send({ method: 'connectionParams', data: connectionParams });
    return wire;
  }

  send(...frames: (object | string | Buffer)[]): void {
    for (const frame of frames)
      this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Calls a procedure, and returns the id of the call. */
  call(method: 'query' | 'mutation' | 'subscription', path: string, input?: unknown): number {
    const id = ++this.#calls;
    this.send({ id, method, params: { path, input } });
    return id;
  }

  /** The first received or future frame that matches. Rejects when the socket closes first. */
  async find(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the socket closed without a matching frame');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The error code of a call, or null when it succeeded. */
  async refusal(id: number): Promise<string | null> {
    const { error } = await this.find((frame) => frame.id === id);
    return error?.data.headway.code ?? null;
  }

  /** The result of a query or mutation. */
  async answer(id: number): Promise<unknown> {
    const { result, error } = await this.find((frame) => frame.id === id);
    if (error) throw new Error(`${error.data.headway.code}: ${error.message}`);
    return result?.data;
  }

  #wake(): void {
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** Opens a WebSocket. Returns `open`, or the status and body of the refusal. */
export function knock(url: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers });
    socket.on('open', () => {
      socket.once('close', () => resolve('open'));
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => {
      text(response).then((answer) => resolve(`${response.statusCode} ${answer}`), reject);
    });
    socket.on('error', () => undefined);
  });
}

export interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends a request with headers that `fetch` would refuse to set. */
export function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode, headers: response.headers, body: answer }),
        reject,
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

export function post(body: object, headers: Record<string, string> = {}) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** The code of an error in the format of any surface. */
export function errorCodeOf(body: string): unknown {
  const { error } = JSON.parse(body) as {
    error?: { code: unknown; data?: { headway: { code: string } }; details?: { error_code: string } };
  };
  return error?.data?.headway.code ?? error?.details?.error_code ?? error?.code;
}
