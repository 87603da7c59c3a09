import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

/** Proxies and clients give up on a silent stream after half a minute or more. */
const heartbeatMs = 15_000;

/**
 * A reply as server-sent events. It opens at once, so that nobody waits for the first event to learn that the request
 * was taken, and stays awake with comments, which no SDK minds. It sends what it is given: who gives looks at the pace.
 */
export class SseStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;

  /** Takes the reply out of Fastify's hands. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#response = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.#response.setHeader(name, value);
    }
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    this.#write(': keep-alive\n\n');
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  /** Sends one event; `id` is what a client that comes back says it has had. */
  send(data: string, id?: string): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  }

  /** Sends one event that has a name. */
  sendNamed(event: string, data: string): void {
    this.#write(`event: ${event}\ndata: ${data}\n\n`);
  }

  /** Ends the reply, whatever state it is in. */
  end(): void {
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #beat(): void {
    if (!this.#response.writableNeedDrain) this.#write(': keep-alive\n\n');
  }

  #write(text: string): void {
    if (!this.#response.destroyed && !this.#response.closed) this.#response.write(text);
  }
}
