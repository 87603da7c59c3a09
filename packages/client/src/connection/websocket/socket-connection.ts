import type { HeadwayError } from '@headway/protocol';
import { createWSClient, wsLink, type TRPCWebSocketClient } from '@trpc/client';
import { platformWebSocket } from '#websocket';

import type { Connection, ConnectionWatcher, StreamObserver } from '../connection.ts';
import type { StreamRequest } from '../stream-request.ts';
import { dropped, notOpened } from '../../errors/connection-errors.ts';
import { errorFromTrpc } from '../../errors/error-from-trpc.ts';
import { createGatewayCalls, type GatewayCalls } from '../gateway-calls.ts';
import type { GatewayUrl } from '../../gateway-url.ts';
import { lineDelimitedEncoder } from './line-delimited-encoder.ts';
import { PendingCalls } from '../pending-calls.ts';
import { SocketSet } from './socket-set.ts';

export interface SocketOptions extends ConnectionWatcher {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  /** How long the socket may take to open. */
  timeoutMs: number;
  /** Stops opening when it aborts. */
  signal: AbortSignal;
  /**
   * After `intervalMs` of silence the client sends a ping; without a pong within `pongTimeoutMs` the connection is lost.
   * tRPC's own default of 1 s for the pong cuts healthy streams: a gateway with a busy event loop answers later.
   *
   * @default 10 s and 20 s
   */
  keepAlive?: { intervalMs: number; pongTimeoutMs: number };
}

const defaultKeepAlive = { intervalMs: 10_000, pongTimeoutMs: 20_000 };

/**
 * Opens one WebSocket to the gateway, in one attempt.
 *
 * @throws HeadwayError when it does not open; the socket is closed by then
 */
export async function openSocket({ timeoutMs, signal, ...options }: SocketOptions): Promise<Connection> {
  const connection = new SocketConnection(options);
  const giveUp = () => connection.end(notOpened(null));
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await connection.ready;
    return connection;
  } catch (thrown) {
    await connection.closed;
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * tRPC over one WebSocket. When the socket is lost, every call fails at once, before tRPC's own reconnect could send its
 * subscriptions again. A reconnect that the gateway requests is followed: the new socket opens before the old one closes.
 */
class SocketConnection implements Connection {
  readonly transport = 'websocket';
  /** Resolves when the socket is open; rejects when it fails to open. */
  readonly ready: Promise<void>;
  readonly #gateway: GatewayUrl;
  readonly #watcher: ConnectionWatcher;
  readonly #sockets = new SocketSet(platformWebSocket());
  readonly #calls = new PendingCalls();
  readonly #ws: TRPCWebSocketClient;
  readonly #gatewayCalls: ReturnType<typeof createGatewayCalls>;
  #opened = false;
  #onReady!: () => void;
  #onNotReady!: (error: HeadwayError) => void;
  #closed: Promise<unknown> = Promise.resolve();

  constructor({
    gateway,
    apiKey,
    keepAlive = defaultKeepAlive,
    ...watcher
  }: Omit<SocketOptions, 'timeoutMs' | 'signal'>) {
    this.#gateway = gateway;
    this.#watcher = watcher;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNotReady = reject;
    });
    this.#ws = createWSClient({
      url: gateway.trpc,
      WebSocket: this.#sockets.WebSocket,
      experimental_encoder: lineDelimitedEncoder,
      // For a reconnect that the gateway requests; the old socket serves until then.
      retryDelayMs: (attempt) => Math.min(25 * 2 ** attempt, 500),
      keepAlive: { enabled: true, ...keepAlive },
      ...(apiKey !== undefined && { connectionParams: { apiKey } }),
      onOpen: () => {
        this.#opened = true;
        this.#onReady();
      },
      onError: (event) => this.#onSocketLost(event),
      onClose: (event) => this.#onSocketLost(event),
    });
    this.#gatewayCalls = createGatewayCalls(wsLink({ client: this.#ws }));
  }

  get usable(): boolean {
    return !this.#calls.ended;
  }

  /** Resolves when the socket of an ended connection is closed. */
  get closed(): Promise<unknown> {
    return this.#closed;
  }

  stream(request: StreamRequest, { onEvent, onEnd }: StreamObserver): { stop: () => void } {
    const end = (error: HeadwayError | null) => {
      if (stop()) onEnd(error);
    };
    const release = this.#calls.add(end);
    const subscription = this.#gatewayCalls.subscribe(request, {
      onStarted: this.#watcher.onAnswer,
      onData: ({ data }) => onEvent(data),
      onError: (thrown) => end(this.#read(thrown)),
      onComplete: () => end(null),
    });
    const stop = () => {
      const first = release();
      if (first) subscription.unsubscribe();
      return first;
    };
    return { stop };
  }

  ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const release = this.#calls.add(reject);
      question(this.#gatewayCalls.calls)
        .then(
          (answer) => {
            this.#watcher.onAnswer();
            resolve(answer);
          },
          (thrown: unknown) => reject(this.#read(thrown)),
        )
        .finally(release);
    });
  }

  /** Reads tRPC's error. A refusal is also a reply of the gateway. */
  #read(thrown: unknown): HeadwayError {
    const error = errorFromTrpc(thrown);
    if (error.code !== 'connection-lost') this.#watcher.onAnswer();
    return error;
  }

  async close(error: HeadwayError): Promise<void> {
    this.end(error);
    await this.#closed;
  }

  /** Fails the pending calls and closes the sockets. Returns false if the connection had ended before. */
  end(error: HeadwayError): boolean {
    if (!this.#calls.end(error)) return false;
    this.#onNotReady(error);
    // tRPC closes first: it would open a socket again that closed before it.
    this.#closed = Promise.all([this.#ws.close(), this.#sockets.close()]);
    return true;
  }

  #onSocketLost(event: unknown): void {
    // In a reconnect that the gateway requested, the old socket closes while the new one serves.
    if (this.#opened && this.#sockets.serving) return;
    const error = this.#opened ? dropped(this.#gateway, event) : notOpened(event);
    if (this.end(error) && this.#opened) this.#watcher.onLost(error);
  }
}
