import type { Agent, Dispatcher } from 'undici';

import { redact } from './redact.ts';

export interface UpstreamHttpOptions {
  /** The address of its OpenAI API, such as `http://host:8000/v1`, without user, password and query. */
  url: string;
  /** Sent as `Authorization: Bearer …`, unless it is empty; asked for at each request. */
  key?: (() => string | null) | undefined;
}

export interface Ask {
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: object | undefined;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  header(name: string): string | null;
  /** The body's bytes as they come. Leaving the loop closes the connection. */
  body: AsyncIterable<Uint8Array>;
  /**
   * The body's text up to `most` characters.
   *
   * @throws when it has not come after `withinMs`, which closes the connection; the error of the connection
   */
  text(most?: number, withinMs?: number): Promise<string>;
}

/** Longest time for a connection to open, in ms. */
const connectMs = 10_000;

/**
 * The connections to one upstream. An aborted request closes its connection at once. Redirects are not followed, so the
 * key never leaves for another server.
 */
export class UpstreamHttp {
  /** Null before the first request. */
  #agent: Agent | null = null;
  readonly #key: () => string | null;
  /** Where paths such as `v1/models` begin. */
  readonly #root: string;
  readonly #hosts: readonly string[];

  constructor({ url, key = () => null }: UpstreamHttpOptions) {
    const address = new URL(url);
    this.#root = address.href.replace(/\/+$/, '').replace(/\/v1$/, '');
    this.#key = key;
    this.#hosts = [address.hostname];
  }

  /**
   * Sends one request. `path` is relative to the server, such as `v1/models`.
   *
   * @throws the signal's reason when it aborts; the error of the connection
   */
  async ask(path: string, { method, headers = {}, body, signal }: Ask): Promise<Answer> {
    const key = this.#key() ?? '';
    // Its import takes 0.1 s, which local models alone need not wait.
    const { Agent, request } = await import('undici');
    // A connection for each request: servers close idle ones, also while one is on its way (llama-server after 5 s).
    this.#agent ??= new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0, pipelining: 0 });
    const {
      statusCode,
      headers: answered,
      body: stream,
    } = await request(`${this.#root}/${path}`, {
      dispatcher: this.#agent,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        accept: 'application/json, text/event-stream',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== '' && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    });
    return {
      status: statusCode,
      header: (name) => headerOf(answered, name),
      body: stream,
      text: async (most = 1_000_000, withinMs) => {
        const late = () => stream.destroy(new Error(`the body took more than ${withinMs} ms`));
        const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs);
        try {
          return await textOf(stream, most);
        } finally {
          clearTimeout(timer);
        }
      },
    };
  }

  /** A text of the upstream without its key, addresses and paths of files, which clients must not see. */
  withoutSecrets(text: string): string {
    return redact(text, { keys: [this.#key() ?? ''], hosts: this.#hosts });
  }

  /** Closes all connections; what runs ends with an error. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
  }
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

async function textOf(stream: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > most) break;
  }
  return text.slice(0, most);
}
