import type { ReadingBrake } from './reading-brake.ts';

type Reader = Pick<ReadingBrake, 'hold' | 'release'>;

/**
 * Bytes of all sockets that are read in one turn of the event loop, as long as nobody else would wait for more than some
 * 20 ms: calls that fail are the dearest and cost about that much.
 */
const bytesEachTurn = 1024 * 1024;

/** What one socket is given at once by Node. */
const bytesEachRead = 64 * 1024;

/**
 * Shares the event loop between sockets that have much to read and everybody else. libuv reads up to 2 MiB of each
 * socket before it looks at anything else, so that a hundred of them would have the loop to themselves for seconds. Once
 * a turn has read what it may, whoever is read next has to wait for another turn, the longest waiting first.
 */
export class ReadTurns {
  readonly #waiting = new Set<Reader>();
  readonly #most: number;
  #left: number;
  #ends = false;

  constructor(most: number = bytesEachTurn) {
    this.#most = most;
    this.#left = most;
  }

  /** Somebody was given so many bytes. */
  took(reader: Reader, bytes: number): void {
    this.#left -= bytes;
    if (!this.#ends) setImmediate(this.#onEnd);
    this.#ends = true;
    if (this.#left > 0) return;
    reader.hold('turn');
    this.#waiting.add(reader);
  }

  /** It is closed, or is not to be read any more. */
  leave(reader: Reader): void {
    this.#waiting.delete(reader);
  }

  readonly #onEnd = (): void => {
    this.#left = this.#most;
    let room = Math.max(1, Math.floor(this.#most / bytesEachRead));
    for (const reader of this.#waiting) {
      if (room-- === 0) break;
      this.#waiting.delete(reader);
      reader.release('turn');
    }
    this.#ends = this.#waiting.size > 0;
    if (this.#ends) setImmediate(this.#onEnd);
  };
}
