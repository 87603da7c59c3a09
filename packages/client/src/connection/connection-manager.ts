import { HeadwayError, toHeadwayError } from '@headway/protocol';

import type { Connection, ConnectionWatcher } from './connection.ts';
import { unreachable } from '../errors/connection-errors.ts';
import type { ConnectionState, Transport } from './connection-state.ts';
import type { GatewayUrl } from '../gateway-url.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { TransportSelector } from './transport-selector.ts';
import { nextAttempt, type Outage } from './reconnect-policy.ts';
import { sleepUntilOnline } from '../sleep.ts';

export interface ConnectionManagerOptions {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  transport?: Transport | undefined;
  connectAttempts?: number | undefined;
  connectTimeoutMs: number;
  reconnectTimeoutMs: number;
  idleTimeoutMs: number;
}

/** For errors of a closed client: the same request never succeeds on it. */
const notAgain = { retryable: false };

/**
 * Keeps one connection to the gateway at a time. It opens the connection for the first call, opens the next one when it
 * is lost, and closes it after `idleTimeoutMs` without a call.
 */
export class ConnectionManager {
  readonly #options: ConnectionManagerOptions;
  readonly #selector: TransportSelector;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { phase: 'idle', transport: null };
  #connection: Connection | null = null;
  #opening: { connection: Promise<Connection>; stop: AbortController } | null = null;
  #outage: Outage | null = null;
  /** The error of the last attempt, or of the last connection. */
  #failure: HeadwayError | null = null;
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: ConnectionManagerOptions) {
    this.#options = options;
    this.#selector = new TransportSelector(options);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls `listener` after each change of the state; returns a function that removes it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps the connection from closing as idle until the returned function is called. */
  use(): () => void {
    clearTimeout(this.#idle);
    this.#users++;
    let using = true;
    return () => {
      if (!using) return;
      using = false;
      if (--this.#users === 0) this.#closeWhenIdle();
    };
  }

  /** Returns the open connection, or opens the next one. Call it between `use` and its release. @throws HeadwayError when none opens */
  async connected(): Promise<Connection> {
    if (this.#closed) throw new HeadwayError('connection-lost', 'the client is closed; create another', notAgain);
    if (this.#connection?.usable) return this.#connection;
    this.#opening ??= this.#startOpening();
    return this.#opening.connection;
  }

  /** Makes one call, and repeats it when the connection is lost before the reply. @throws HeadwayError */
  async ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer> {
    const release = this.use();
    try {
      for (;;) {
        const connection = await this.connected();
        try {
          return await connection.ask(question);
        } catch (thrown) {
          if (connection.usable || this.#closed) throw thrown;
        }
      }
    } finally {
      release();
    }
  }

  /** Fails the pending calls; resolves when every connection is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#end(new HeadwayError('connection-lost', 'the client was closed', notAgain));
    await this.#closing;
  }

  #startOpening() {
    const stop = new AbortController();
    const opening = { connection: this.#open(stop.signal), stop };
    const settle = () => {
      if (this.#opening === opening) this.#opening = null;
      this.#updateState();
    };
    this.#awaitAtClose(opening.connection.then(settle, settle));
    return opening;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const { gateway, connectTimeoutMs, connectAttempts, reconnectTimeoutMs } = this.#options;
    for (;;) {
      const outage = (this.#outage ??= { since: performance.now(), lost: false, failures: 0 });
      this.#updateState();
      const limitMs = outage.lost ? reconnectTimeoutMs : connectTimeoutMs;
      const attempt = nextAttempt(outage, {
        now: performance.now(),
        limitMs,
        firstAttempts: connectAttempts,
        random: Math.random(),
      });
      if (!attempt) {
        this.#outage = null;
        const attemptsRanOut = !outage.lost && outage.failures === connectAttempts;
        throw unreachable(gateway, {
          lost: outage.lost,
          limitMs: attemptsRanOut ? null : limitMs,
          failure: this.#failure,
        });
      }
      if (attempt.afterMs > 0) await sleepUntilOnline(attempt.afterMs, signal);
      try {
        const connection = await this.#selector.open({
          timeoutMs: attempt.timeoutMs,
          until: outage.since + limitMs,
          signal,
          ...this.#watch(),
        });
        if (connection.usable && !signal.aborted) return (this.#connection = connection);
        await connection.close(closedWhileIdle());
      } catch (thrown) {
        const failure = (this.#failure = toHeadwayError(thrown));
        if (isFinal(failure, outage)) {
          this.#outage = null;
          throw failure;
        }
      }
      signal.throwIfAborted();
      this.#outage = { ...outage, failures: outage.failures + 1 };
    }
  }

  #watch(): ConnectionWatcher {
    return {
      onAnswer: () => (this.#outage = null),
      onLost: (error) => {
        this.#connection = null;
        this.#failure = error;
        if (this.#users === 0) this.#outage = null;
        else if (this.#outage) this.#outage = { ...this.#outage, failures: this.#outage.failures + 1 };
        else this.#outage = { since: performance.now(), lost: true, failures: 0 };
        this.#updateState();
      },
    };
  }

  #closeWhenIdle(): void {
    // No call waits for the connection that is opening.
    if (this.#opening) return this.#end(closedWhileIdle());
    if (this.#connection) this.#idle = setTimeout(() => this.#end(closedWhileIdle()), this.#options.idleTimeoutMs);
  }

  #end(error: HeadwayError): void {
    this.#opening?.stop.abort(error);
    this.#opening = null;
    this.#outage = null;
    const connection = this.#connection;
    this.#connection = null;
    if (connection) this.#awaitAtClose(connection.close(error));
    this.#updateState();
  }

  #awaitAtClose(ending: Promise<void>): void {
    this.#closing = Promise.all([this.#closing, ending]).then(() => undefined);
  }

  /** Updates the state, and calls the listeners if it changed. */
  #updateState(): void {
    const transport = this.#connection?.transport ?? null;
    const away = this.#outage?.lost ? 'reconnecting' : 'connecting';
    const phase = transport ? 'open' : this.#outage ? away : 'idle';
    if (phase === this.#state.phase && transport === this.#state.transport) return;
    this.#state = { phase, transport };
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Whether further attempts would fail in the same way. After a lost connection, a reply that is not the gateway's may be a
 * hotel network's login page: the client keeps trying.
 */
function isFinal({ code, retryable }: HeadwayError, { lost }: Outage): boolean {
  return code === 'unauthorized' || code === 'forbidden' || (!retryable && !lost);
}

function closedWhileIdle(): HeadwayError {
  return new HeadwayError('connection-lost', 'closed while idle');
}
