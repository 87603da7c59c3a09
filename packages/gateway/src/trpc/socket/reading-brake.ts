import type { WebSocket } from 'ws';

/**
 * Why nothing is read from a client: it does not read itself, others have their turn, now or with what is large, or it is
 * being closed.
 */
type Reason = 'unread' | 'turn' | 'large' | 'closing';

/** Reads from a client while there is no reason not to. */
export class ReadingBrake {
  readonly #client: Pick<WebSocket, 'pause' | 'resume'>;
  readonly #reasons = new Set<Reason>();

  constructor(client: Pick<WebSocket, 'pause' | 'resume'>) {
    this.#client = client;
  }

  holds(reason: Reason): boolean {
    return this.#reasons.has(reason);
  }

  hold(reason: Reason): void {
    this.#reasons.add(reason);
    this.#client.pause();
  }

  release(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#client.resume();
  }
}
