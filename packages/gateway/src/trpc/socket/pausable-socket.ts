import type { WebSocket } from 'ws';

/**
 * Why the gateway does not read from a socket:
 * - `unread`: its client does not read the responses.
 * - `read-budget`: `SocketReadScheduler` lets other sockets read first.
 * - `large-message`: its large message waits for a step of `LargeBodyScheduler`.
 * - `closing`: the gateway is closing it.
 */
type PauseReason = 'unread' | 'read-budget' | 'large-message' | 'closing';

/** A socket that is paused as long as at least one reason holds. */
export class PausableSocket {
  readonly #client: Pick<WebSocket, 'pause' | 'resume'>;
  readonly #reasons = new Set<PauseReason>();

  constructor(client: Pick<WebSocket, 'pause' | 'resume'>) {
    this.#client = client;
  }

  isPausedFor(reason: PauseReason): boolean {
    return this.#reasons.has(reason);
  }

  pause(reason: PauseReason): void {
    this.#reasons.add(reason);
    this.#client.pause();
  }

  /** Removes the reason, and resumes reading when no other is left. */
  resume(reason: PauseReason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#client.resume();
  }
}
