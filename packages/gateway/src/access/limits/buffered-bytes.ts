import type { Limits } from './limits.ts';

/**
 * Memory that each received piece takes besides its bytes, in bytes: a `Buffer` and the allocation behind it. Measured: a
 * byte that arrives alone takes about this much.
 */
export const pieceOverheadBytes = 1024;

/** The bytes buffered for one incomplete body or message. */
export interface ByteReservation {
  /** Sets the reservation to `bytes` for `account`. Changes nothing and returns false when that exceeds a limit. */
  resize(account: string, bytes: number): boolean;
  /** Frees all of it, once the body or message is complete or given up. */
  release(): void;
}

/** Counts the memory of incomplete messages and bodies, for each account and in total. */
export class BufferedBytes {
  readonly #limits: Pick<Limits, 'bytes' | 'bytesEach'>;
  readonly #each = new Map<string, number>();
  #total = 0;

  constructor(limits: Pick<Limits, 'bytes' | 'bytesEach'>) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  of(account: string): number {
    return this.#each.get(account) ?? 0;
  }

  /** An empty reservation. */
  reserve(): ByteReservation {
    let reserved = 0;
    let payer = '';
    const set = (bytes: number) => {
      const left = this.of(payer) + bytes - reserved;
      if (left === 0) this.#each.delete(payer);
      else this.#each.set(payer, left);
      this.#total += bytes - reserved;
      reserved = bytes;
    };
    return {
      resize: (account, bytes) => {
        const own = this.of(account) - (account === payer ? reserved : 0);
        // A reservation that does not grow is always granted.
        const grows = bytes > reserved;
        if (grows && own + bytes > this.#limits.bytesEach) return false;
        if (grows && this.#total - reserved + bytes > this.#limits.bytes) return false;
        if (account !== payer) set(0);
        payer = account;
        set(bytes);
        return true;
      },
      release: () => set(0),
    };
  }
}
