import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

import type { UpstreamScript } from '../upstream-script.ts';

/** Numbers from 0 up to `below`, the same for the same seed (Lehmer, 48271). */
export function seeded(seed: number): (below: number) => number {
  let state = (seed % (2 ** 31 - 2)) + 1;
  return (below) => (state = (state * 48_271) % (2 ** 31 - 1)) % below;
}

/** Writes bytes whole, or in pieces that are cut anywhere. */
export class CutWriter {
  readonly #to: Writable;
  readonly #pick: ((below: number) => number) | null;
  readonly #most: number;
  /** Bytes so far. */
  written = 0;

  constructor(to: Writable, cut: UpstreamScript['cut']) {
    this.#to = to;
    this.#pick = cut ? seeded(cut.seed) : null;
    this.#most = cut?.most ?? 16;
  }

  /** Writes the bytes, and waits while the client does not read. */
  async write(bytes: Buffer): Promise<void> {
    if (!this.#pick) return this.#send(bytes);
    for (let at = 0; at < bytes.length;) {
      const length = 1 + this.#pick(this.#most);
      await this.#send(bytes.subarray(at, at + length));
      at += length;
      // A turn of the loop between two writes keeps them in packets of their own.
      await turn();
    }
  }

  async #send(bytes: Buffer): Promise<void> {
    this.written += bytes.length;
    if (this.#to.destroyed || this.#to.write(bytes)) return;
    // A client that has gone breaks the writing, which its signal tells.
    await Promise.race([once(this.#to, 'drain'), once(this.#to, 'close')]).catch(() => undefined);
  }
}
