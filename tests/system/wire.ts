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
  /** What is sent as the first message, as tRPC's clients do. */
  connectionParams?: Record<string, string>;
}

/** A WebSocket to a gateway, a frame at a time: it sends what no client would. */
export class Wire implements AsyncDisposable {
  readonly socket: WebSocket;
  /** The code and reason of its end. */
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

  /** Calls a procedure; its id is what comes back. */
  call(method: 'query' | 'mutation' | 'subscription', path: string, input?: unknown): number {
    const id = ++this.#calls;
    this.send({ id, method, params: { path, input } });
    return id;
  }

  /** The first frame, come or coming, that fits; fails when the socket closes before. */
  async find(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the socket closed without such a frame');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The code by which a call was refused, or null when it was not. */
  async refusal(id: number): Promise<string | null> {
    const { error } = await this.find((frame) => frame.id === id);
    return error?.data.headway.code ?? null;
  }

  /** What a query or mutation came to. */
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

/** `open`, or the status and body by which the upgrade was refused. */
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

/** A request with any header, which `fetch` would not send. */
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

/** The code of an error, in the shape of whichever surface sent it. */
export function errorCodeOf(body: string): unknown {
  const { error } = JSON.parse(body) as {
    error?: { code: unknown; data?: { headway: { code: string } }; details?: { error_code: string } };
  };
  return error?.data?.headway.code ?? error?.details?.error_code ?? error?.code;
}
