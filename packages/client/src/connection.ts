import {
  HeadwayError,
  type Estimate,
  type GenerateInput,
  type GenerationEvent,
  type ModelInfo,
  type Status,
} from '@headway/protocol';
import type { AppRouter } from '@headway/gateway';
import { createTRPCClient, createWSClient, wsLink, type TRPCClient, type TRPCWebSocketClient } from '@trpc/client';
import { platformWebSocket } from '#websocket';

import { dropped, refusedUpgrade, unreachable } from './connection-errors.ts';
import { errorFromTrpc } from './error-from-trpc.ts';
import type { GatewayUrl } from './gateway-url.ts';
import { encodeOnePerLine } from './one-frame-each.ts';
import { SocketSet } from './socket-set.ts';

export interface ConnectionOptions {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  /** How long the socket stays open without a call. */
  idleTimeoutMs: number;
}

export interface StreamObserver {
  onEvent: (event: GenerationEvent) => void;
  /** Once, unless stopped before: null when the gateway said that no more comes. */
  onEnd: (error: HeadwayError | null) => void;
}

/** A call under way: how it is told that the connection ended. */
type Holder = (error: HeadwayError) => void;

/**
 * One socket to the gateway, from its first call to its end; the next call after that opens another connection.
 * Attempts to open it are repeated within `connectTimeoutMs`. Once it was open and is lost, every call on it fails at
 * once, before tRPC's own reconnect sends subscriptions again. A reconnect that the gateway asks for is followed: it
 * opens the new socket before the old one closes.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #sockets = new SocketSet(platformWebSocket());
  readonly #holders = new Set<Holder>();
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #ws: TRPCWebSocketClient;
  readonly #trpc: TRPCClient<AppRouter>;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #opened = false;
  #ended: HeadwayError | null = null;
  #closed: Promise<unknown> = Promise.resolve();
  #lastFailure: unknown;

  constructor(options: ConnectionOptions) {
    const { gateway, apiKey, connectTimeoutMs } = (this.#options = options);
    this.#deadline = setTimeout(
      () => this.#end(unreachable(gateway, connectTimeoutMs, this.#lastFailure)),
      connectTimeoutMs,
    );
    this.#ws = createWSClient({
      url: gateway.trpc,
      WebSocket: this.#sockets.WebSocket,
      experimental_encoder: encodeOnePerLine,
      retryDelayMs: (attempt) => Math.min(25 * 2 ** attempt, 500),
      // A pong waits behind a busy event loop: 1 s, the default, would cut healthy streams.
      keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 20_000 },
      ...(apiKey !== undefined && { connectionParams: { apiKey } }),
      onOpen: () => this.#onOpen(),
      onError: (event) => this.#onSocketError(event),
      onClose: (event) => this.#onSocketLost(event),
    });
    this.#trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client: this.#ws })] });
  }

  /** False from the moment it is lost or closed. */
  get usable(): boolean {
    return this.#ended === null;
  }

  /** Whether calls have been sent; before that they wait here. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Asks for a generation; its events come to the observer. `stop` ends it without another word. */
  generate(input: GenerateInput, { onEvent, onEnd }: StreamObserver): { stop: () => void } {
    const end = (error: HeadwayError | null) => {
      if (stop()) onEnd(error);
    };
    const release = this.#hold(end);
    const subscription = this.#trpc.generate.subscribe(input, {
      onData: ({ data }) => onEvent(data),
      onError: (thrown) => end(errorFromTrpc(thrown)),
      onComplete: () => end(null),
    });
    const stop = () => {
      const first = release();
      if (first) subscription.unsubscribe();
      return first;
    };
    return { stop };
  }

  /** Whether there was one of that name. */
  cancel(id: string): Promise<boolean> {
    return this.#ask(async () => (await this.#trpc.cancel.mutate({ id })).cancelled);
  }

  estimate(input: GenerateInput): Promise<Estimate> {
    return this.#ask(() => this.#trpc.estimate.mutate(input));
  }

  models(): Promise<ModelInfo[]> {
    return this.#ask(() => this.#trpc.models.query());
  }

  status(): Promise<Status> {
    return this.#ask(() => this.#trpc.status.query());
  }

  /** Fails the calls under way with `error`; resolves when the socket is closed. */
  async close(error: HeadwayError): Promise<void> {
    this.#end(error);
    await this.#closed;
  }

  #ask<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const release = this.#hold(reject);
      ask()
        .then(resolve, (thrown: unknown) => reject(errorFromTrpc(thrown)))
        .finally(release);
    });
  }

  /** Keeps the connection from being idle; what it returns ends that, and tells whether it was the first to do so. */
  #hold(holder: Holder): () => boolean {
    clearTimeout(this.#idle);
    this.#holders.add(holder);
    return () => {
      const held = this.#holders.delete(holder);
      if (held && this.#holders.size === 0 && this.usable) {
        // Nobody waits for a connection that is not there yet.
        const wait = this.#opened ? this.#options.idleTimeoutMs : 0;
        this.#idle = setTimeout(() => this.#end(new HeadwayError('connection-lost', 'closed while idle')), wait);
      }
      return held;
    };
  }

  #onOpen(): void {
    this.#opened = true;
    clearTimeout(this.#deadline);
  }

  #onSocketError(event: unknown): void {
    if (this.#opened) return this.#onSocketLost(event);
    this.#lastFailure = event;
    const refused = refusedUpgrade(this.#options.gateway, event);
    if (refused) this.#end(refused);
  }

  #onSocketLost(event: unknown): void {
    // When the gateway asks for a reconnect, the old socket closes while another serves.
    if (this.#opened && !this.#sockets.serving) this.#end(dropped(this.#options.gateway, event));
  }

  #end(error: HeadwayError): void {
    if (this.#ended) return;
    this.#ended = error;
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    for (const holder of this.#holders) holder(error);
    this.#holders.clear();
    // In this order: what closes first must not be opened again by tRPC.
    this.#closed = Promise.all([this.#ws.close(), this.#sockets.close()]);
  }
}
