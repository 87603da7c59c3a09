import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

import type { FrameMeter } from './frame-meter.ts';
import { closeSocket } from './close-socket.ts';

/** When the gateway pings a socket, and when it closes one. */
export interface LivenessTimes {
  /** Closes a new socket that sends no byte for this long. */
  silentMs: number;
  /** Closes a new socket whose first message is incomplete after this long. */
  firstMessageMs: number;
  /** Closes a socket whose later message is incomplete for this long. */
  messageMs: number;
  /** Pings a client that sends no byte for this long. */
  pingMs: number;
  /** Closes a pinged socket that still sends no byte for this long: machines sleep, and background tabs are slow. */
  pongWaitMs: number;
  /** Closes a socket without a subscription or a call for this long. Its client opens another when it needs one. */
  idleMs: number;
}

export const livenessTimes: Readonly<LivenessTimes> = {
  silentMs: 10_000,
  firstMessageMs: 60_000,
  messageMs: 60_000,
  pingMs: 30_000,
  pongWaitMs: 30_000,
  idleMs: 900_000,
};

/** What the gateway has observed of a socket. The times do not count while the gateway itself stood still. */
export interface SocketActivity {
  ageMs: number;
  /** Since the last byte arrived. */
  quietMs: number;
  /** Since the last call, while no subscription is open. */
  idleMs: number;
  /** Since the incomplete message began. */
  incompleteMs: number;
  /** Whether a complete message has arrived. */
  hadMessage: boolean;
  /** Whether the gateway sent a ping since the last byte arrived. */
  pinged: boolean;
}

/** What to do with a socket: `keep` it, `ping` its client, or close it, for one of the four other reasons. */
export function judge(
  { ageMs, quietMs, idleMs, incompleteMs, hadMessage, pinged }: SocketActivity,
  times: LivenessTimes,
): 'keep' | 'ping' | 'silent' | 'slow' | 'idle' | 'gone' {
  if (!hadMessage && (quietMs >= times.silentMs || ageMs >= times.firstMessageMs)) return 'silent';
  if (incompleteMs >= times.messageMs) return 'slow';
  if (quietMs >= times.pingMs + times.pongWaitMs) return 'gone';
  if (quietMs >= times.pingMs && !pinged) return 'ping';
  if (idleMs >= times.idleMs) return 'idle';
  return 'keep';
}

export interface WatchedSocket {
  client: WebSocket;
  /** The TCP socket under the WebSocket. It counts every byte, also those of incomplete messages and of pongs. */
  socket: Socket;
  /** Whether a call was made since the last `isBusy()`, or a subscription is open. */
  isBusy: () => boolean;
  meter: Pick<FrameMeter, 'pieces' | 'messages'>;
}

interface State extends SocketActivity {
  bytes: number;
  messages: number;
}

const stepMs = 1000;

/**
 * Closes sockets whose client is silent, gone or idle. It counts time in steps of one timer: after the gateway was
 * blocked, or the machine slept, all of that time counts as one step, so that no client is blamed for bytes that the
 * gateway had yet to read. It uses the ping of the WebSocket protocol, which browsers answer however busy the page is.
 */
export class SocketLiveness {
  readonly #watched = new Map<WatchedSocket, State>();
  readonly #times: LivenessTimes;
  #timer: NodeJS.Timeout | null = null;

  constructor(times: LivenessTimes = livenessTimes) {
    this.#times = times;
  }

  add(watched: WatchedSocket): void {
    const { client, socket } = watched;
    const state: State = {
      ageMs: 0,
      quietMs: 0,
      idleMs: 0,
      incompleteMs: 0,
      hadMessage: false,
      pinged: false,
      bytes: socket.bytesRead,
      messages: 0,
    };
    this.#watched.set(watched, state);
    client.once('message', () => (state.hadMessage = true));
    client.once('close', () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0 || !this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = null;
    });
    this.#timer ??= setInterval(() => this.step(), stepMs).unref();
  }

  /** Counts one second, and pings or closes sockets. The timer calls it; tests call it to let time pass. */
  step(): void {
    for (const [watched, state] of this.#watched) {
      if (watched.client.readyState !== WebSocket.OPEN) continue;
      this.#age(watched, state);
      this.#act(watched, state);
    }
  }

  #age({ client, socket, isBusy, meter }: WatchedSocket, state: State): void {
    const heard = socket.bytesRead !== state.bytes;
    state.bytes = socket.bytesRead;
    state.ageMs += stepMs;
    state.quietMs = heard ? 0 : state.quietMs + stepMs;
    state.idleMs = isBusy() ? 0 : state.idleMs + stepMs;
    if (heard) state.pinged = false;
    if (meter.pieces === 0 || meter.messages !== state.messages) state.incompleteMs = 0;
    // The client of a paused socket cannot complete its message.
    else if (!client.isPaused) state.incompleteMs += stepMs;
    state.messages = meter.messages;
  }

  #act({ client }: WatchedSocket, state: SocketActivity): void {
    const verdict = judge(state, this.#times);
    switch (verdict) {
      case 'keep':
        return;
      case 'ping':
        state.pinged = true;
        return client.ping();
      case 'silent':
        return closeSocket(
          client,
          1008,
          `no message arrived within ${this.#times.silentMs / 1000} s of opening this socket`,
        );
      case 'slow':
        return closeSocket(client, 1008, `a message was incomplete after ${this.#times.messageMs / 1000} s`);
      case 'idle':
        return closeSocket(
          client,
          1000,
          `no call was made for ${this.#times.idleMs / 60_000} min; open another socket when needed`,
        );
      case 'gone':
        return client.terminate();
      default:
        verdict satisfies never;
    }
  }
}
