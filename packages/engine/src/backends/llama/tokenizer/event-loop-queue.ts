import { leastServed } from './least-served.ts';

/** Of one turn of the event loop, in ms, after which other work is let in. The call at hand ends first. */
export const sliceMs = 5;

interface Account {
  /** Of the loop's time, in ms: what its owner used, beyond what those had used who were there before. */
  spent: number;
  /** Prompts at work. */
  open: number;
  waiting: (() => void)[];
}

/**
 * Deals out turns of the event loop to those who tokenise, by what each owner has used of it: however many prompts are
 * tokenised at once, what else waits for the loop waits for a slice and one call at most, and one owner's short prompt
 * does not wait for another's long ones.
 */
export class LoopTurns {
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();
  /** Of the turn at hand, in ms. */
  #used = 0;
  #dealing = false;

  /** `now` is in ms. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Begins the work on one prompt, which ends with `leave`. */
  join(owner: string): LoopTurn {
    let account = this.#accounts.get(owner);
    if (!account) {
      // Who was away has nothing to catch up.
      const spent = [...this.#accounts.values()].reduce((least, one) => Math.min(least, one.spent), Infinity);
      account = { spent: Number.isFinite(spent) ? spent : 0, open: 0, waiting: [] };
      this.#accounts.set(owner, account);
    }
    account.open++;
    return new LoopTurn(this, owner);
  }

  leave(owner: string): void {
    const account = this.#accounts.get(owner);
    if (account && --account.open === 0) this.#accounts.delete(owner);
  }

  /** Whether something may run in this turn of the loop still. */
  get open(): boolean {
    return this.#used < sliceMs;
  }

  now(): number {
    return this.#now();
  }

  /** Resolves in a turn of the loop that is given to this owner. */
  next(owner: string): Promise<void> {
    return new Promise((resolve) => {
      this.#accounts.get(owner)?.waiting.push(resolve);
      this.#dealSoon();
    });
  }

  charge(owner: string, ms: number): void {
    const account = this.#accounts.get(owner);
    if (account) account.spent += ms;
    this.#used += ms;
    this.#dealSoon();
  }

  #dealSoon(): void {
    if (this.#dealing) return;
    this.#dealing = true;
    setImmediate(this.#deal);
  }

  readonly #deal = (): void => {
    this.#dealing = false;
    this.#used = 0;
    const account = leastServed(this.#accounts.values());
    if (!account) return;
    account.waiting.shift()?.();
    this.#dealSoon();
  };
}

/** One prompt's part of the loop's time. */
export class LoopTurn {
  /** Used so far, in ms. */
  spentMs = 0;
  readonly #turns: LoopTurns;
  readonly #owner: string;

  constructor(turns: LoopTurns, owner: string) {
    this.#turns = turns;
    this.#owner = owner;
  }

  /**
   * Runs one call, at once or in a later turn of the loop.
   *
   * @throws the signal's reason when it aborts meanwhile; what the call throws
   */
  async run<Result>(call: () => Result, signal: AbortSignal): Promise<Result> {
    if (!this.#turns.open) await this.#turns.next(this.#owner);
    signal.throwIfAborted();
    const since = this.#turns.now();
    try {
      return call();
    } finally {
      const ms = this.#turns.now() - since;
      this.spentMs += ms;
      this.#turns.charge(this.#owner, ms);
    }
  }

  leave(): void {
    this.#turns.leave(this.#owner);
  }
}
