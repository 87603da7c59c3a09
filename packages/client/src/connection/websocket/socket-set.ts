import { linesOf } from './line-delimited-encoder.ts';

/** Every socket that a connection has opened, so that none outlives it. */
export class SocketSet {
  /** What to give tRPC. */
  readonly WebSocket: typeof WebSocket;
  readonly #sockets = new Set<WebSocket>();
  #closed = false;

  constructor(Platform: typeof WebSocket) {
    const born = (socket: WebSocket) => {
      this.#sockets.add(socket);
      socket.addEventListener('close', () => this.#sockets.delete(socket));
      if (this.#closed) socket.close();
    };
    this.WebSocket = class extends Platform {
      constructor(url: string | URL) {
        super(url);
        born(this);
      }

      override send(data: string): void {
        for (const line of linesOf(data)) super.send(line);
      }
    };
  }

  /** Whether one is open or opening. */
  get serving(): boolean {
    return [...this.#sockets].some((socket) => socket.readyState <= socket.OPEN);
  }

  /** Closes them and any that comes later; resolves when those that are known are closed. */
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
