import type { Writable } from 'node:stream';

import { HeadwayError } from '@headway/protocol';

import type { ViewerConnection } from './viewer-connection.ts';

export interface ConnectionPaceOptions {
  /** @default whether the stream is writable */
  isOpen?: () => boolean;
  /** How long a full connection may take nothing, in ms. @default 30_000 */
  slowConsumerMs?: number | undefined;
  /** Runs once, when that time is over and the waiting streams have failed. It should close the connection. */
  onSlow?: () => void;
}

interface Waiting {
  go: (itsTurn: boolean) => void;
  fail: (error: HeadwayError) => void;
}

/**
 * Makes the streams of one connection wait while its client reads slower than they write. tRPC writes without regard to
 * the socket, so the streams themselves have to wait. They send one event each, in order, and none while the
 * connection's buffer is full. So a connection holds that buffer and one event at most, however many streams it has.
 */
export class ConnectionPace implements ViewerConnection {
  readonly #stream: Writable;
  readonly #options: ConnectionPaceOptions;
  readonly #waiting = new Set<Waiting>();
  #busy = false;
  #listening = false;
  #patience: NodeJS.Timeout | undefined;
  #slow: HeadwayError | null = null;

  /** @param stream a response, or the TCP socket under a WebSocket (the `socket` of its upgrade request) */
  constructor(stream: Writable, options: ConnectionPaceOptions = {}) {
    this.#stream = stream;
    this.#options = options;
  }

  get open(): boolean {
    return this.#options.isOpen?.() ?? this.#stream.writable;
  }

  enter(signal?: AbortSignal): true | Promise<boolean> {
    if (this.#slow) return Promise.reject(this.#slow);
    if (!this.#free()) return this.#wait(signal);
    this.#busy = true;
    return true;
  }

  /** Resolves when the connection has room again. @throws HeadwayError as `enter` */
  async drained(): Promise<void> {
    await this.enter();
    this.exit();
  }

  exit(): void {
    this.#busy = false;
    if (this.#waiting.size > 0) this.#goOn();
  }

  /** No stream waits for a destroyed connection: it discards what is written. */
  #free(): boolean {
    return !this.#busy && !this.#full();
  }

  #full(): boolean {
    return this.#stream.writableNeedDrain && !this.#stream.destroyed;
  }

  #wait(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiting);
      };
      const onAbort = () => {
        waiting.go(false);
        this.#listenWhileFull();
      };
      const waiting: Waiting = {
        go: (itsTurn) => {
          stopWaiting();
          resolve(itsTurn);
        },
        fail: (error) => {
          stopWaiting();
          reject(error);
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) onAbort();
      this.#listenWhileFull();
    });
  }

  /** Lets the first waiting stream send, if there is room. */
  #goOn(): void {
    const [next] = this.#waiting;
    if (next && this.#free()) {
      this.#busy = true;
      next.go(true);
    }
    this.#listenWhileFull();
  }

  /** Keeps one pair of listeners and one timer for all waiting streams, while the connection is full. */
  #listenWhileFull(): void {
    const listen = this.#waiting.size > 0 && this.#full();
    if (listen === this.#listening) return;
    this.#listening = listen;
    if (listen) {
      this.#stream.on('drain', this.#onRoom).on('close', this.#onRoom);
      this.#patience = setTimeout(this.#onSlow, this.#options.slowConsumerMs ?? 30_000).unref();
    } else {
      this.#stream.off('drain', this.#onRoom).off('close', this.#onRoom);
      clearTimeout(this.#patience);
    }
  }

  readonly #onRoom = (): void => this.#goOn();

  readonly #onSlow = (): void => {
    this.#slow = new HeadwayError(
      'slow-consumer',
      'the client read nothing for too long, so the gateway closed the connection; connect again and resume after the last event',
    );
    for (const { fail } of this.#waiting) fail(this.#slow);
    this.#listenWhileFull();
    // The failed streams report their error first.
    setImmediate(() => this.#options.onSlow?.());
  };
}
