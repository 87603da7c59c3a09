import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

import type { FrameMeter } from './frame-meter.ts';
import { sayGoodbye } from './say-goodbye.ts';

/** When a socket is asked for a sign of life, and when it is given up. */
export interface WatchTimes {
  /** Whoever opened a socket and says nothing for so long did not come to ask anything. */
  silentMs: number;
  /** A first message that comes in drops has so long to be whole. */
  firstMessageMs: number;
  /** … and every later one. */
  messageMs: number;
  /** A quiet client is asked after this long whether it is still there … */
  pingMs: number;
  /** … and given up when nothing comes for so long again. Generous: machines sleep, and tabs in the background are slow. */
  pongWaitMs: number;
  /** A socket on which nothing runs and nobody calls for so long is closed; its client opens another when it needs one. */
  idleMs: number;
}

export const watchTimes: Readonly<WatchTimes> = {
  silentMs: 10_000,
  firstMessageMs: 60_000,
  messageMs: 60_000,
  pingMs: 30_000,
  pongWaitMs: 30_000,
  idleMs: 900_000,
};

/** What is known of a socket, in time that the gateway was awake. */
export interface Watched {
  ageMs: number;
  /** Since the last byte came. */
  quietMs: number;
  /** Since the last call, while nothing runs. */
  idleMs: number;
  /** Since the message began that is not whole. */
  unfinishedMs: number;
  /** A whole message has come. */
  spoke: boolean;
  /** Asked for a sign of life since the last byte came. */
  asked: boolean;
}

export function judge(
  { ageMs, quietMs, idleMs, unfinishedMs, spoke, asked }: Watched,
  times: WatchTimes,
): 'leave' | 'ask' | 'silent' | 'slow' | 'idle' | 'gone' {
  if (!spoke && (quietMs >= times.silentMs || ageMs >= times.firstMessageMs)) return 'silent';
  if (unfinishedMs >= times.messageMs) return 'slow';
  if (quietMs >= times.pingMs + times.pongWaitMs) return 'gone';
  if (quietMs >= times.pingMs && !asked) return 'ask';
  if (idleMs >= times.idleMs) return 'idle';
  return 'leave';
}

export interface WatchedSocket {
  client: WebSocket;
  /** What lies under the WebSocket, where each byte that comes is counted, also those of half a message and of a pong. */
  socket: Socket;
  /** Whether anything was asked since this was called last, or still runs. */
  isBusy: () => boolean;
  /** What came of a message that is not whole, and how many were. */
  meter: Pick<FrameMeter, 'parts' | 'whole'>;
}

/** What is remembered of a socket from one step to the next. */
interface State extends Watched {
  bytes: number;
  whole: number;
}

const stepMs = 1000;

/**
 * Finds sockets whose client says nothing, is gone without a word, or has nothing to do, and closes them. Time is
 * counted in steps of one timer: a gateway that was held up, or a machine that slept, counts one step for all of it, and
 * so blames nobody for what waited to be read. Life is asked for by the ping of the WebSocket itself, which browsers
 * answer however busy the page is.
 */
export class SocketWatch {
  readonly #watched = new Map<WatchedSocket, State>();
  readonly #times: WatchTimes;
  #timer: NodeJS.Timeout | null = null;

  constructor(times: WatchTimes = watchTimes) {
    this.#times = times;
  }

  add(watched: WatchedSocket): void {
    const { client, socket } = watched;
    const state: State = {
      ageMs: 0,
      quietMs: 0,
      idleMs: 0,
      unfinishedMs: 0,
      spoke: false,
      asked: false,
      bytes: socket.bytesRead,
      whole: 0,
    };
    this.#watched.set(watched, state);
    client.once('message', () => (state.spoke = true));
    client.once('close', () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0 || !this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = null;
    });
    this.#timer ??= setInterval(() => this.step(), stepMs).unref();
  }

  /** Lets a second pass. */
  step(): void {
    for (const [watched, state] of this.#watched) {
      if (watched.client.readyState !== WebSocket.OPEN) continue;
      this.#age(watched, state);
      this.#heed(watched, state);
    }
  }

  #age({ client, socket, isBusy, meter }: WatchedSocket, state: State): void {
    const heard = socket.bytesRead !== state.bytes;
    state.bytes = socket.bytesRead;
    state.ageMs += stepMs;
    state.quietMs = heard ? 0 : state.quietMs + stepMs;
    state.idleMs = isBusy() ? 0 : state.idleMs + stepMs;
    if (heard) state.asked = false;
    if (meter.parts === 0 || meter.whole !== state.whole) state.unfinishedMs = 0;
    // Whoever is not read from cannot end what was begun.
    else if (!client.isPaused) state.unfinishedMs += stepMs;
    state.whole = meter.whole;
  }

  #heed({ client }: WatchedSocket, state: Watched): void {
    const verdict = judge(state, this.#times);
    switch (verdict) {
      case 'leave':
        return;
      case 'ask':
        state.asked = true;
        return client.ping();
      case 'silent':
        return sayGoodbye(
          client,
          1008,
          `nothing was asked within ${this.#times.silentMs / 1000} s of opening this socket`,
        );
      case 'slow':
        return sayGoodbye(client, 1008, `a message was not whole within ${this.#times.messageMs / 1000} s`);
      case 'idle':
        return sayGoodbye(
          client,
          1000,
          `nothing was asked for ${this.#times.idleMs / 60_000} min; open another when needed`,
        );
      case 'gone':
        return client.terminate();
      default:
        verdict satisfies never;
    }
  }
}
