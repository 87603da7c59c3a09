import type { Writable } from 'node:stream';

/**
 * Lets the streams of one connection wait while its client reads slower than they write. tRPC writes whatever it is
 * given and never looks at the socket, so whoever gives has to wait; what waits is then merged where it lies
 * (`EventQueue`), and the gateway holds no more than one socket buffer for a client that stopped reading.
 */
export class ConnectionPace {
  readonly #socket: Writable;
  readonly #waiting = new Set<() => void>();

  /** @param socket what lies under the WebSocket: the `socket` of its upgrade request */
  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Resolves when the socket takes more, and at once when the signal aborts or the socket is gone. */
  async drained(signal?: AbortSignal): Promise<void> {
    while (this.#socket.writableNeedDrain && !signal?.aborted) await this.#change(signal);
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        signal?.removeEventListener('abort', go);
        if (this.#waiting.size === 0) this.#unlisten();
        resolve();
      };
      signal?.addEventListener('abort', go, { once: true });
      if (this.#waiting.size === 0) this.#listen();
      this.#waiting.add(go);
    });
  }

  // One pair of listeners for all the streams of a connection.
  #listen(): void {
    this.#socket.on('drain', this.#wake).on('close', this.#wake);
  }

  #unlisten(): void {
    this.#socket.off('drain', this.#wake).off('close', this.#wake);
  }

  readonly #wake = (): void => {
    for (const go of this.#waiting) go();
  };
}
