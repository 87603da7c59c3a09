import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

/** Proxies and clients give up on a silent stream after half a minute or more. */
const heartbeatMs = 15_000;

/**
 * A reply as server-sent events. It opens at once, so that nobody waits for the first event to learn that the request
 * was taken, and stays awake with comments, which no SDK minds.
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
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  /** Sends one event; resolves when the client has room for the next, or is gone. */
  async send(data: string): Promise<void> {
    if (!this.#write(`data: ${data}\n\n`)) await this.#drained();
  }

  /** Ends the reply, whatever state it is in. */
  end(): void {
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #beat(): void {
    if (!this.#response.writableNeedDrain) this.#write(': keep-alive\n\n');
  }

  /** False when the socket's buffer is full. */
  #write(text: string): boolean {
    if (this.#response.destroyed || this.#response.closed) return true;
    return this.#response.write(text);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#response.off('drain', go).off('close', go);
        resolve();
      };
      this.#response.on('drain', go).on('close', go);
    });
  }
}
