import { endsStream, HeadwayError, type GenerationEvent } from '@headway/protocol';
import { httpLink } from '@trpc/client';

import type { Connection, ConnectionWatcher, StreamObserver } from '../connection.ts';
import type { StreamRequest } from '../stream-request.ts';
import { dropped } from '../../errors/connection-errors.ts';
import { errorFromHttp } from '../../errors/error-from-http.ts';
import { errorFromTrpc } from '../../errors/error-from-trpc.ts';
import { readEventStream } from './event-stream.ts';
import { createGatewayCalls, type GatewayCalls } from '../gateway-calls.ts';
import type { GatewayUrl } from '../../gateway-url.ts';
import { PendingCalls } from '../pending-calls.ts';
import { probeGateway } from '../probe-gateway.ts';

export interface HttpOptions extends ConnectionWatcher {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  /** How long to wait for the gateway's first reply. */
  timeoutMs: number;
  signal: AbortSignal;
  /** A stream is lost after so long without a byte. The gateway sends at least a comment every 15 s. @default 45_000 */
  silenceMs?: number;
}

/** How long a closing client waits for its last cancel calls. */
const lastCancelMs = 2_000;

/**
 * Opens the transport for networks that block WebSockets: a stream is a POST whose reply is server-sent events, a call is
 * one request.
 *
 * @throws HeadwayError when the gateway does not answer
 */
export async function openHttp({ timeoutMs, signal, ...options }: HttpOptions): Promise<Connection> {
  if (await probeGateway(options.gateway, { timeoutMs, signal })) return new HttpConnection(options);
  throw new HeadwayError('connection-lost', 'no answer over HTTP');
}

/** Treats many requests as one connection: when one is lost, all fail together and resume when the gateway answers again. */
class HttpConnection implements Connection {
  readonly transport = 'http';
  readonly #gateway: GatewayUrl;
  readonly #headers: Record<string, string>;
  readonly #watcher: ConnectionWatcher;
  readonly #calls = new PendingCalls();
  readonly #gatewayCalls: GatewayCalls;
  readonly #silenceMs: number;
  readonly #lastCancels = new Set<Promise<unknown>>();
  #closing = false;

  constructor({ gateway, apiKey, silenceMs = 45_000, ...watcher }: Omit<HttpOptions, 'timeoutMs' | 'signal'>) {
    this.#gateway = gateway;
    this.#silenceMs = silenceMs;
    this.#watcher = watcher;
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    this.#gatewayCalls = createGatewayCalls(httpLink({ url: `${gateway.base}/trpc`, headers: this.#headers })).calls;
  }

  get usable(): boolean {
    return !this.#calls.ended;
  }

  stream(request: StreamRequest, { onEvent, onEnd }: StreamObserver): { stop: () => void } {
    const reading = new AbortController();
    let taken = false;
    let over = false;
    const stopReading = () => {
      const first = release();
      if (first) reading.abort();
      return first;
    };
    // The gateway cannot tell an aborted request from a lost connection, so leaving on purpose needs a cancel call.
    const cancelOwn = () => {
      if (request.kind === 'generate' && taken && !over) this.#cancelById(request.input.id);
    };
    const end = (error: HeadwayError | null) => {
      if (!stopReading()) return;
      if (this.#closing) cancelOwn();
      onEnd(error);
    };
    const release = this.#calls.add(end);
    const lose = (reason: unknown) => {
      if (this.#calls.has(end)) this.#lose(reason);
    };
    void this.#read(request, reading, {
      onTaken: () => (taken = true),
      onEvent: (event) => {
        over ||= endsStream(event);
        if (!reading.signal.aborted) onEvent(event);
      },
    }).then(
      (refusal) => (refusal || over ? end(refusal) : lose(reading.signal.reason)),
      (thrown: unknown) => lose(thrown),
    );
    return {
      stop: () => {
        if (stopReading()) cancelOwn();
      },
    };
  }

  ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const release = this.#calls.add(reject);
      question(this.#gatewayCalls)
        .then(
          (answer) => {
            this.#watcher.onAnswer();
            resolve(answer);
          },
          (thrown: unknown) => {
            const error = errorFromTrpc(thrown);
            if (error.code === 'connection-lost') return this.#lose(error);
            this.#watcher.onAnswer();
            reject(error);
          },
        )
        .finally(release);
    });
  }

  async close(error: HeadwayError): Promise<void> {
    this.#closing = true;
    this.#calls.end(error);
    await Promise.allSettled(this.#lastCancels);
  }

  /** Reads the reply to its end. Returns the error with which the gateway refused or closed the stream, or null. */
  async #read(
    request: StreamRequest,
    reading: AbortController,
    { onTaken, onEvent }: { onTaken: () => void; onEvent: (event: GenerationEvent) => void },
  ): Promise<HeadwayError | null> {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const onChunk = () => {
      clearTimeout(silence);
      silence = setTimeout(() => reading.abort(new Error('the reply went silent')), this.#silenceMs);
    };
    onChunk();
    try {
      const response = await this.#fetchStream(request, reading.signal);
      if (!response.ok || !response.body) {
        const refusal = await errorFromHttp(response);
        if (!refusal) throw new Error(`HTTP ${response.status}`);
        this.#watcher.onAnswer();
        return refusal;
      }
      onTaken();
      this.#watcher.onAnswer();
      return await readEventStream(response.body, { signal: reading.signal, onEvent, onChunk });
    } finally {
      clearTimeout(silence);
    }
  }

  #fetchStream(request: StreamRequest, signal: AbortSignal): Promise<Response> {
    const generations = `${this.#gateway.base}/v1/generations`;
    const headers = { ...this.#headers, accept: 'text/event-stream' };
    const [id, lastEventId] =
      request.kind === 'generate' ? [request.input.id, request.input.lastEventId] : [request.id, request.lastEventId];
    if (request.kind === 'generate' && lastEventId === undefined) {
      return fetch(generations, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(request.input),
        signal,
      });
    }
    return fetch(`${generations}/${encodeURIComponent(id)}/events`, {
      headers: { ...headers, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
      cache: 'no-store',
      signal,
    });
  }

  #cancelById(id: string): void {
    const cancelled = this.#gatewayCalls
      .cancel(id, { signal: AbortSignal.timeout(lastCancelMs) })
      // If the call fails, the gateway's grace time ends the generation.
      .catch(() => undefined)
      .finally(() => this.#lastCancels.delete(cancelled));
    this.#lastCancels.add(cancelled);
  }

  #lose(reason: unknown): void {
    const error = dropped(this.#gateway, reason);
    if (this.#calls.end(error)) this.#watcher.onLost(error);
  }
}
