import { toHeadwayError } from '@headway/protocol';

import type { Connection, ConnectionWatcher } from './connection.ts';
import type { GatewayUrl } from '../gateway-url.ts';
import { openHttp } from './http/http-connection.ts';
import { probeGateway } from './probe-gateway.ts';
import { openSocket } from './websocket/socket-connection.ts';

/** Where sockets do not get through, they are tried again after this long: machines move to other networks. */
const socketsBlockedMs = 5 * 60_000;

/** Timers may fire this much early. */
const timerMs = 1;

export interface RoadOptions extends ConnectionWatcher {
  withinMs: number;
  /** By when (`performance.now()`) the caller gives up: no time is spent beyond it to learn what the next attempt needs. */
  until: number;
  signal: AbortSignal;
}

/**
 * Which way to the gateway is open. A socket is tried first; when it fails although a plain request had got through just
 * before, sockets are blocked on the way, and HTTP takes their place.
 */
export class GatewayRoad {
  readonly #gateway: GatewayUrl;
  readonly #apiKey: string | undefined;
  /** A plain request got through since the last socket did. */
  #httpAnswers = false;
  #socketsBlockedUntil = 0;

  constructor({ gateway, apiKey }: { gateway: GatewayUrl; apiKey?: string | undefined }) {
    this.#gateway = gateway;
    this.#apiKey = apiKey;
  }

  /** One attempt. @throws HeadwayError when it fails */
  async open({ until, ...rest }: RoadOptions): Promise<Connection> {
    const options = { gateway: this.#gateway, apiKey: this.#apiKey, ...rest };
    if (performance.now() < this.#socketsBlockedUntil) return openHttp(options);
    try {
      const connection = await openSocket(options);
      this.#httpAnswers = false;
      return connection;
    } catch (thrown) {
      // A gateway that says so itself is reached.
      const reached = toHeadwayError(thrown).code === 'rate-limited';
      if (reached || rest.signal.aborted || until - performance.now() < timerMs) throw thrown;
      if (this.#httpAnswers) {
        this.#httpAnswers = false;
        this.#socketsBlockedUntil = performance.now() + socketsBlockedMs;
        return openHttp(options);
      }
      // One socket more before sockets are given up: the gateway may just have come back.
      this.#httpAnswers = await probeGateway(this.#gateway, rest);
      throw thrown;
    }
  }
}
