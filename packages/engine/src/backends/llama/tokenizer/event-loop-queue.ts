import { leastServed } from './least-served.ts';

/** Time of one event-loop tick, in ms, after which other work may run. The current call ends first. */
export const sliceMs = 5;

interface Account {
  /** Event-loop time of this owner, in ms, counted from the least of the owners that were there before it. */
  spent: number;
  /** Prompts in work. */
  tasks: number;
  waiting: (() => void)[];
}

/**
 * Shares the event loop between the prompts that are being tokenized, by the time that each owner has used. However many
 * prompts that are, other work on the event loop waits for one slice and one call at most, and one owner's short prompt
 * does not wait for another owner's long ones.
 */
export class EventLoopQueue {
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();
  /** Time used of the current tick, in ms. */
  #used = 0;
  #scheduled = false;

  /** `now` is in ms. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Begins the work on one prompt. The caller must `end` the task. */
  start(owner: string): EventLoopTask {
    let account = this.#accounts.get(owner);
    if (!account) {
      // An owner that was idle gets no credit for it.
      const spent = [...this.#accounts.values()].reduce((least, one) => Math.min(least, one.spent), Infinity);
      account = { spent: Number.isFinite(spent) ? spent : 0, tasks: 0, waiting: [] };
      this.#accounts.set(owner, account);
    }
    account.tasks++;
    return new EventLoopTask(this, owner);
  }

  end(owner: string): void {
    const account = this.#accounts.get(owner);
    if (account && --account.tasks === 0) this.#accounts.delete(owner);
  }

  /** Whether the current tick has time left. */
  get hasTime(): boolean {
    return this.#used < sliceMs;
  }

  now(): number {
    return this.#now();
  }

  /** Resolves in a tick that is this owner's. */
  next(owner: string): Promise<void> {
    return new Promise((resolve) => {
      this.#accounts.get(owner)?.waiting.push(resolve);
      this.#schedule();
    });
  }

  charge(owner: string, ms: number): void {
    const account = this.#accounts.get(owner);
    if (account) account.spent += ms;
    this.#used += ms;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#runNext);
  }

  readonly #runNext = (): void => {
    this.#scheduled = false;
    this.#used = 0;
    const account = leastServed(this.#accounts.values());
    if (!account) return;
    account.waiting.shift()?.();
    this.#schedule();
  };
}

/** The work on one prompt. */
export class EventLoopTask {
  /** Event-loop time used so far, in ms. */
  spentMs = 0;
  readonly #queue: EventLoopQueue;
  readonly #owner: string;

  constructor(queue: EventLoopQueue, owner: string) {
    this.#queue = queue;
    this.#owner = owner;
  }

  /**
   * Runs one call, at once or in a later tick.
   *
   * @throws the signal's reason when it aborts before the call; the call's errors
   */
  async run<Result>(call: () => Result, signal: AbortSignal): Promise<Result> {
    if (!this.#queue.hasTime) await this.#queue.next(this.#owner);
    signal.throwIfAborted();
    const since = this.#queue.now();
    try {
      return call();
    } finally {
      const ms = this.#queue.now() - since;
      this.spentMs += ms;
      this.#queue.charge(this.#owner, ms);
    }
  }

  end(): void {
    this.#queue.end(this.#owner);
  }
}
