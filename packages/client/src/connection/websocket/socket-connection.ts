import type { HeadwayError } from '@headway/protocol';
import { createWSClient, wsLink, type TRPCWebSocketClient } from '@trpc/client';
import { platformWebSocket } from '#websocket';

import type { Connection, ConnectionWatcher, StreamObserver } from '../connection.ts';
import type { StreamRequest } from '../stream-request.ts';
import { dropped, notOpened } from '../../errors/connection-errors.ts';
import { errorFromTrpc } from '../../errors/error-from-trpc.ts';
import { createGatewayCalls, type GatewayCalls } from '../gateway-calls.ts';
import type { GatewayUrl } from '../../gateway-url.ts';
import { encodeOnePerLine } from './line-delimited-encoder.ts';
import { OpenCalls } from '../pending-calls.ts';
import { SocketSet } from './socket-set.ts';

export interface SocketOptions extends ConnectionWatcher {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  /** How long to wait for it to open. */
  withinMs: number;
  /** Gives up opening. */
  signal: AbortSignal;
  /**
   * A gateway that was silent for `intervalMs` is asked whether it is there, and given up when it says nothing for
   * `pongTimeoutMs`. A pong waits behind a busy event loop: the second that tRPC would give it cuts healthy streams.
   *
   * @default 10 s and 20 s
   */
  keepAlive?: { intervalMs: number; pongTimeoutMs: number };
}

const defaultKeepAlive = { intervalMs: 10_000, pongTimeoutMs: 20_000 };

/**
 * Opens one socket to the gateway, in one attempt.
 *
 * @throws HeadwayError when it does not open; nothing of it is left then
 */
export async function openSocket({ withinMs, signal, ...options }: SocketOptions): Promise<Connection> {
  const connection = new SocketConnection(options);
  const giveUp = () => connection.end(notOpened(null));
  const timer = setTimeout(giveUp, withinMs);
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
 * tRPC over one socket. Once that is lost, every call on it fails at once, before tRPC's own reconnect sends
 * subscriptions again. A reconnect that the gateway asks for is followed: it opens the new socket before the old one
 * closes.
 */
class SocketConnection implements Connection {
  readonly via = 'websocket';
  /** Resolves when the socket is open, rejects when it will not be. */
  readonly ready: Promise<void>;
  readonly #gateway: GatewayUrl;
  readonly #watcher: ConnectionWatcher;
  readonly #sockets = new SocketSet(platformWebSocket());
  readonly #calls = new OpenCalls();
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
  }: Omit<SocketOptions, 'withinMs' | 'signal'>) {
    this.#gateway = gateway;
    this.#watcher = watcher;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNotReady = reject;
    });
    this.#ws = createWSClient({
      url: gateway.trpc,
      WebSocket: this.#sockets.WebSocket,
      experimental_encoder: encodeOnePerLine,
      // Of a reconnect that the gateway asks for; the old socket serves meanwhile.
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

  /** A refusal is an answer too. */
  #read(thrown: unknown): HeadwayError {
    const error = errorFromTrpc(thrown);
    if (error.code !== 'connection-lost') this.#watcher.onAnswer();
    return error;
  }

  async close(error: HeadwayError): Promise<void> {
    this.end(error);
    await this.#closed;
  }

  /** Whether it had not ended before. */
  end(error: HeadwayError): boolean {
    if (!this.#calls.end(error)) return false;
    this.#onNotReady(error);
    // In this order: what closes first must not be opened again by tRPC.
    this.#closed = Promise.all([this.#ws.close(), this.#sockets.close()]);
    return true;
  }

  #onSocketLost(event: unknown): void {
    // When the gateway asks for a reconnect, the old socket closes while another serves.
    if (this.#opened && this.#sockets.serving) return;
    const error = this.#opened ? dropped(this.#gateway, event) : notOpened(event);
    if (this.end(error) && this.#opened) this.#watcher.onLost(error);
  }
}
