import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

import type { SseMessage } from './sse-message.ts';

/** Proxies and clients close a silent stream after half a minute or more. */
const defaultHeartbeatMs = 15_000;

const keepAlive: SseMessage = { comment: 'keep-alive' };

export interface SseStreamOptions {
  /** Time between two heartbeats, in ms. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** Makes a heartbeat's message. @default the comment `keep-alive`, which no client takes for an event */
  heartbeat?: (() => SseMessage) | undefined;
}

/**
 * A reply of server-sent events. It sends headers and a comment at once, so that the client knows before the first
 * event that the gateway accepted the request, and then heartbeats until `end`. It does not limit the pace: the caller
 * does.
 */
export class SseStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: () => SseMessage;
  readonly #beating: NodeJS.Timeout;

  /** Takes the reply over from Fastify. */
  constructor(
    reply: FastifyReply,
    { heartbeatMs = defaultHeartbeatMs, heartbeat = () => keepAlive }: SseStreamOptions = {},
  ) {
    reply.hijack();
    this.#response = reply.raw;
    this.#heartbeat = heartbeat;
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) this.#response.setHeader(name, value);
    }
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    this.send(keepAlive);
    this.#beating = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  /** False once the client has left: nothing that is sent then arrives. */
  get open(): boolean {
    return !this.#response.destroyed && !this.#response.closed;
  }

  send(...messages: readonly SseMessage[]): void {
    if (!this.open || messages.length === 0) return;
    this.#response.write(messages.map(encode).join(''));
  }

  /** Ends the reply, in any state. */
  end(): void {
    clearInterval(this.#beating);
    this.#response.end();
  }

  /** Skips the heartbeat while unread data waits: the client has enough to read. */
  #beat(): void {
    if (!this.#response.writableNeedDrain) this.send(this.#heartbeat());
  }
}

/**
 * A comment has no blank line after it: the blank line would end an event, and some readers emit that event without
 * data (@microsoft/fetch-event-source does).
 */
function encode(message: SseMessage): string {
  if ('comment' in message) return field('', message.comment);
  const { event, id, data } = message;
  return `${event === undefined ? '' : field('event', event)}${id === undefined ? '' : field('id', id)}${field('data', data)}\n`;
}

/** A field ends at a line break, so each line of the value gets its own field. */
function field(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return `${name}: ${value}\n`;
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => `${name}: ${line}\n`)
    .join('');
}
