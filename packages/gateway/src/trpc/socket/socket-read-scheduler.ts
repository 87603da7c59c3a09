import type { PausableSocket } from './pausable-socket.ts';

type Reader = Pick<PausableSocket, 'pause' | 'resume'>;

/**
 * Bytes that all sockets together may read in one iteration of the event loop. 1 MiB of failing calls, the most expensive
 * kind, takes about 20 ms.
 */
const bytesEachIteration = 1024 * 1024;

/** Bytes that Node reads from a socket at once. */
const bytesEachRead = 64 * 1024;

/**
 * Bounds how much the gateway reads from sockets in one iteration of the event loop. libuv alone reads up to 2 MiB of
 * each socket before it turns to anything else, so that a hundred busy sockets would occupy the loop for seconds. Once
 * the budget of an iteration is used, each socket that is read is paused, and resumes in a later iteration; the socket
 * that has waited longest resumes first.
 */
export class SocketReadScheduler {
  readonly #waiting = new Set<Reader>();
  readonly #budget: number;
  #left: number;
  #scheduled = false;

  constructor(budget: number = bytesEachIteration) {
    this.#budget = budget;
    this.#left = budget;
  }

  /** Counts bytes that a socket received. */
  countRead(reader: Reader, bytes: number): void {
    this.#left -= bytes;
    if (!this.#scheduled) setImmediate(this.#onIterationEnd);
    this.#scheduled = true;
    if (this.#left > 0) return;
    reader.pause('read-budget');
    this.#waiting.add(reader);
  }

  /** Removes a closed socket. */
  remove(reader: Reader): void {
    this.#waiting.delete(reader);
  }

  readonly #onIterationEnd = (): void => {
    this.#left = this.#budget;
    let room = Math.max(1, Math.floor(this.#budget / bytesEachRead));
    for (const reader of this.#waiting) {
      if (room-- === 0) break;
      this.#waiting.delete(reader);
      reader.resume('read-budget');
    }
    this.#scheduled = this.#waiting.size > 0;
    if (this.#scheduled) setImmediate(this.#onIterationEnd);
  };
}
