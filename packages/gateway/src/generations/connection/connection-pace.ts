import type { Writable } from 'node:stream';

import { HeadwayError } from '@headway/protocol';

import type { ViewerConnection } from './viewer-connection.ts';

export interface ConnectionPaceOptions {
  /** @default whether the stream takes writes */
  isOpen?: () => boolean;
  /** How long a full connection may take nothing at all, in ms. @default 30_000 */
  slowConsumerMs?: number | undefined;
  /** Called once, when it has: whoever waited has been told, and what is left is to close it. */
  onSlow?: () => void;
}

interface Waiting {
  go: (itsTurn: boolean) => void;
  fail: (error: HeadwayError) => void;
}

/**
 * Lets the streams of one connection wait while its client reads slower than they write. tRPC writes whatever it is
 * given and never looks at the socket, so whoever gives has to wait. Streams take turns, one event each, and none while
 * the connection's buffer is full: it holds no more than that buffer and one event, however many streams it carries.
 */
export class ConnectionPace implements ViewerConnection {
  readonly #stream: Writable;
  readonly #options: ConnectionPaceOptions;
  readonly #waiting = new Set<Waiting>();
  #busy = false;
  #listening = false;
  #patience: NodeJS.Timeout | undefined;
  #slow: HeadwayError | null = null;

  /** @param stream what is written to: a response, or what lies under a WebSocket (the `socket` of its upgrade request) */
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

  /** Resolves when there is room again. @throws HeadwayError as `enter` */
  async drained(): Promise<void> {
    await this.enter();
    this.exit();
  }

  exit(): void {
    this.#busy = false;
    this.#goOn();
  }

  /** On a connection that is gone nobody waits: what is written there goes nowhere. */
  #free(): boolean {
    return !this.#busy && !this.#full();
  }

  #full(): boolean {
    return this.#stream.writableNeedDrain && !this.#stream.destroyed;
  }

  #wait(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiting);
      };
      const onAbort = () => {
        waiting.go(false);
        this.#listenWhileFull();
      };
      const waiting: Waiting = {
        go: (itsTurn) => {
          leave();
          resolve(itsTurn);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) onAbort();
      this.#listenWhileFull();
    });
  }

  /** The next one in line, if there is room. */
  #goOn(): void {
    const [next] = this.#waiting;
    if (next && this.#free()) {
      this.#busy = true;
      next.go(true);
    }
    this.#listenWhileFull();
  }

  /** One pair of listeners and one timer for all the streams of a connection, while any of them waits for it. */
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
      'the connection took nothing for too long and is closed; connect again and go on with the last event that came',
    );
    for (const { fail } of this.#waiting) fail(this.#slow);
    this.#listenWhileFull();
    // After what the streams have to say about it.
    setImmediate(() => this.#options.onSlow?.());
  };
}
