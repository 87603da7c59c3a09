import { toHeadwayError } from '@headway/protocol';

import type { Connection, ConnectionWatcher } from './connection.ts';
import type { Transport } from './connection-state.ts';
import type { GatewayUrl } from '../gateway-url.ts';
import { openHttp } from './http/http-connection.ts';
import { probeGateway } from './probe-gateway.ts';
import { openSocket } from './websocket/socket-connection.ts';

/** After this long on HTTP the selector tries a WebSocket again: machines move to other networks. */
const socketsBlockedMs = 5 * 60_000;

/** Timers may fire this much early. */
const timerMs = 1;

export interface TransportSelectorOptions {
  gateway: GatewayUrl;
  apiKey?: string | undefined;
  /** Use this transport alone. */
  transport?: Transport | undefined;
}

export interface TransportAttempt extends ConnectionWatcher {
  timeoutMs: number;
  /** When the caller gives up, by `performance.now()`. The selector does not probe beyond it for the next attempt. */
  until: number;
  signal: AbortSignal;
}

/**
 * Opens connections over the transport that works. It tries a WebSocket first. When that fails although a plain request
 * succeeded just before, something on the way blocks WebSockets, and the selector uses HTTP.
 */
export class TransportSelector {
  readonly #gateway: GatewayUrl;
  readonly #apiKey: string | undefined;
  readonly #only: Transport | undefined;
  /** Whether a plain request succeeded since the last WebSocket did. */
  #httpAnswers = false;
  #socketsBlockedUntil = 0;

  constructor({ gateway, apiKey, transport }: TransportSelectorOptions) {
    this.#gateway = gateway;
    this.#apiKey = apiKey;
    this.#only = transport;
  }

  /** Makes one attempt. @throws HeadwayError when it fails */
  async open({ until, ...rest }: TransportAttempt): Promise<Connection> {
    const options = { gateway: this.#gateway, apiKey: this.#apiKey, ...rest };
    if (this.#only === 'http' || performance.now() < this.#socketsBlockedUntil) return openHttp(options);
    try {
      const connection = await openSocket(options);
      this.#httpAnswers = false;
      return connection;
    } catch (thrown) {
      // A gateway that refuses for too many connections has been reached.
      const reached = toHeadwayError(thrown).code === 'rate-limited';
      if (reached || rest.signal.aborted || until - performance.now() < timerMs) throw thrown;
      if (this.#httpAnswers && this.#only === undefined) {
        this.#httpAnswers = false;
        this.#socketsBlockedUntil = performance.now() + socketsBlockedMs;
        return openHttp(options);
      }
      // The next attempt tries one more WebSocket before HTTP: the gateway may have started just now.
      this.#httpAnswers = await probeGateway(this.#gateway, rest);
      throw thrown;
    }
  }
}
