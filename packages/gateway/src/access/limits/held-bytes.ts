import type { Limits } from './limits.ts';

/**
 * What each piece that comes by itself costs beside its bytes: a buffer, and the memory under it. Measured: a byte that
 * comes alone takes about as much.
 */
export const partBytes = 1024;

/** A piece of something that is not whole yet. */
export interface Holding {
  /** Puts its size anew; false, and nothing is changed, when that would be more than may be held. */
  hold(account: string, bytes: number): boolean;
  /** It is whole, or gone. */
  release(): void;
}

/** Counts the memory of messages and bodies that are not whole yet, for each account and for all of them. */
export class HeldBytes {
  readonly #limits: Pick<Limits, 'bytes' | 'bytesEach'>;
  readonly #each = new Map<string, number>();
  #all = 0;

  constructor(limits: Pick<Limits, 'bytes' | 'bytesEach'>) {
    this.#limits = limits;
  }

  get all(): number {
    return this.#all;
  }

  of(account: string): number {
    return this.#each.get(account) ?? 0;
  }

  open(): Holding {
    let held = 0;
    let owner = '';
    const put = (bytes: number) => {
      const left = this.of(owner) + bytes - held;
      if (left === 0) this.#each.delete(owner);
      else this.#each.set(owner, left);
      this.#all += bytes - held;
      held = bytes;
    };
    return {
      hold: (account, bytes) => {
        const own = this.of(account) - (account === owner ? held : 0);
        // Less than before is always well.
        const more = bytes > held;
        if (more && own + bytes > this.#limits.bytesEach) return false;
        if (more && this.#all - held + bytes > this.#limits.bytes) return false;
        if (account !== owner) put(0);
        owner = account;
        put(bytes);
        return true;
      },
      release: () => put(0),
    };
  }
}
