import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

import type { SseMessage } from './sse-message.ts';

/** Proxies and clients give up on a silent stream after half a minute or more. */
const defaultHeartbeatMs = 15_000;

const keepAlive: SseMessage = { comment: 'keep-alive' };

export interface SseStreamOptions {
  /** Time between two heartbeats, in ms. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** What a heartbeat says. @default the comment `keep-alive`, which no client takes for an event */
  heartbeat?: (() => SseMessage) | undefined;
}

/**
 * A reply as server-sent events. It opens at once, so that nobody waits for the first event to learn that the request
 * was taken, and stays awake with heartbeats until `end`. It sends what it is given: who gives looks at the pace.
 */
export class SseStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: () => SseMessage;
  readonly #beating: NodeJS.Timeout;

  /** Takes the reply out of Fastify's hands. */
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

  send(message: SseMessage): void {
    if (!this.#response.destroyed && !this.#response.closed) this.#response.write(encode(message));
  }

  /** Ends the reply, whatever state it is in. */
  end(): void {
    clearInterval(this.#beating);
    this.#response.end();
  }

  /** A client that is behind has enough to read. */
  #beat(): void {
    if (!this.#response.writableNeedDrain) this.send(this.#heartbeat());
  }
}

/**
 * A comment ends with its line: a blank one behind it would end an event, and readers that do not look whether it has data
 * hand it on (@microsoft/fetch-event-source does).
 */
function encode(message: SseMessage): string {
  if ('comment' in message) return field('', message.comment);
  const { event, id, data } = message;
  return `${event === undefined ? '' : field('event', event)}${id === undefined ? '' : field('id', id)}${field('data', data)}\n`;
}

/** A line break would end the field: each line is one of its own. */
function field(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return `${name}: ${value}\n`;
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => `${name}: ${line}\n`)
    .join('');
}
