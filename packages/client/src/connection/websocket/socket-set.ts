import { splitLines } from './line-delimited-encoder.ts';

/** Every WebSocket that a connection has opened, so that none outlives it. */
export class SocketSet {
  /** The class from which tRPC makes its sockets. */
  readonly WebSocket: typeof WebSocket;
  readonly #sockets = new Set<WebSocket>();
  #closed = false;

  constructor(Platform: typeof WebSocket) {
    const add = (socket: WebSocket) => {
      this.#sockets.add(socket);
      socket.addEventListener('close', () => this.#sockets.delete(socket));
      if (this.#closed) socket.close();
    };
    this.WebSocket = class extends Platform {
      constructor(url: string | URL) {
        super(url);
        add(this);
      }

      override send(data: string): void {
        for (const line of splitLines(data)) super.send(line);
      }
    };
  }

  /** Whether a socket is open or opening. */
  get serving(): boolean {
    return [...this.#sockets].some((socket) => socket.readyState <= socket.OPEN);
  }

  /** Closes every socket, and later ones as they open; resolves when those that exist now are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#sockets].map((socket) => {
        const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
        socket.close();
        return closed;
      }),
    );
  }
}
