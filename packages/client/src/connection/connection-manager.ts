import { HeadwayError, toHeadwayError } from '@headway/protocol';

import type { Connection, ConnectionWatcher } from './connection.ts';
import { unreachable } from '../errors/connection-errors.ts';
import type { ConnectionState } from './connection-state.ts';
import type { GatewayUrl } from '../gateway-url.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { GatewayRoad } from './transport-selector.ts';
import { nextAttempt, type Outage } from './reconnect-policy.ts';
import { sleepUntilOnline } from '../sleep-until-online.ts';

export interface LinkOptions {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  reconnectTimeoutMs: number;
  idleTimeoutMs: number;
}

/** On this client, the same request never succeeds. */
const notAgain = { retryable: false };

/**
 * The client's hold on its gateway: one connection at a time, opened when somebody needs it, opened again when it is
 * lost, closed when nobody has needed it for a while.
 */
export class GatewayLink {
  readonly #options: LinkOptions;
  readonly #road: GatewayRoad;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { phase: 'idle', via: null };
  #connection: Connection | null = null;
  #opening: { connection: Promise<Connection>; stop: AbortController } | null = null;
  #outage: Outage | null = null;
  /** What the last attempt failed with, or the last connection ended with. */
  #failure: HeadwayError | null = null;
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#road = new GatewayRoad(options);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls back after each change of the state; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps the link from resting until what it returns is called. */
  use(): () => void {
    clearTimeout(this.#idle);
    this.#users++;
    let using = true;
    return () => {
      if (!using) return;
      using = false;
      if (--this.#users === 0) this.#rest();
    };
  }

  /** The open connection, or the next one. Only for those who use the link. @throws HeadwayError when there is none to be had */
  async connected(): Promise<Connection> {
    if (this.#closed) throw new HeadwayError('connection-lost', 'the client is closed; create another', notAgain);
    if (this.#connection?.usable) return this.#connection;
    this.#opening ??= this.#startOpening();
    return this.#opening.connection;
  }

  /** Asks, and asks again when the answer was lost with the connection. @throws HeadwayError */
  async ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer> {
    const leave = this.use();
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
      leave();
    }
  }

  /** Fails what is under way; resolves when everything is closed. */
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
      this.#show();
    };
    this.#awaitAtClose(opening.connection.then(settle, settle));
    return opening;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const { gateway, connectTimeoutMs, reconnectTimeoutMs } = this.#options;
    for (;;) {
      const outage = (this.#outage ??= { since: performance.now(), lost: false, failures: 0 });
      this.#show();
      const limitMs = outage.lost ? reconnectTimeoutMs : connectTimeoutMs;
      const attempt = nextAttempt(outage, { now: performance.now(), limitMs, random: Math.random() });
      if (!attempt) {
        this.#outage = null;
        throw unreachable(gateway, { lost: outage.lost, limitMs, failure: this.#failure });
      }
      if (attempt.afterMs > 0) await sleepUntilOnline(attempt.afterMs, signal);
      try {
        const connection = await this.#road.open({
          withinMs: attempt.withinMs,
          until: outage.since + limitMs,
          signal,
          ...this.#watch(),
        });
        if (connection.usable && !signal.aborted) return (this.#connection = connection);
        await connection.close(nobodyWaits());
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
        this.#show();
      },
    };
  }

  /** Nobody uses the link any more. */
  #rest(): void {
    // Nobody waits for a connection that is not there yet.
    if (this.#opening) return this.#end(nobodyWaits());
    if (this.#connection) this.#idle = setTimeout(() => this.#end(nobodyWaits()), this.#options.idleTimeoutMs);
  }

  #end(error: HeadwayError): void {
    this.#opening?.stop.abort(error);
    this.#opening = null;
    this.#outage = null;
    const connection = this.#connection;
    this.#connection = null;
    if (connection) this.#awaitAtClose(connection.close(error));
    this.#show();
  }

  #awaitAtClose(ending: Promise<void>): void {
    this.#closing = Promise.all([this.#closing, ending]).then(() => undefined);
  }

  /** Tells the listeners what has changed, if anything. */
  #show(): void {
    const via = this.#connection?.via ?? null;
    const away = this.#outage?.lost ? 'reconnecting' : 'connecting';
    const phase = via ? 'open' : this.#outage ? away : 'idle';
    if (phase === this.#state.phase && via === this.#state.via) return;
    this.#state = { phase, via };
    for (const listener of this.#listeners) listener();
  }
}

/** Further attempts would not change it; while a connection is regained, what answers may be no more than a hotel's network. */
function isFinal({ code, retryable }: HeadwayError, { lost }: Outage): boolean {
  return code === 'unauthorized' || code === 'forbidden' || (!retryable && !lost);
}

function nobodyWaits(): HeadwayError {
  return new HeadwayError('connection-lost', 'closed while idle');
}
