import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';

/** How much may come: so many a minute, and a tenth of them at once. */
export interface Rate {
  /** Most at once. */
  burst: number;
  perMs: number;
}

export function rateOf(perMinute: number): Rate {
  return { burst: Math.max(1, Math.ceil(perMinute / 10)), perMs: perMinute / 60_000 };
}

/** What is left of a rate. */
export interface Allowance {
  left: number;
  /** When that was true, in ms of some clock. */
  at: number;
}

/** Takes one of what is left and has come in since then; `taken` says whether there was one. */
export function takeOne({ left, at }: Allowance, { burst, perMs }: Rate, now: number) {
  const filled = Math.min(burst, left + Math.max(0, now - at) * perMs);
  const taken = filled >= 1;
  return { taken, allowance: { left: taken ? filled - 1 : filled, at: now } };
}

export interface Draw {
  taken: boolean;
  /** Whole requests that may still come at once. */
  left: number;
  /** Until one more may come, in ms; 0 when one may now. */
  waitMs: number;
}

/** Accounts that are remembered. One that is forgotten starts anew: all of it left and never seen are the same. */
const maxAccounts = 10_000;

/**
 * How often each account may ask, on HTTP and on sockets together: a number a minute, a tenth of it at once. So a burst
 * passes, and whoever goes on faster is told how long to wait.
 */
export class RequestBudget {
  readonly #accounts = new Map<string, Allowance>();
  readonly #rate: Rate;
  readonly #now: () => number;

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#rate = rateOf(perMinute);
    this.#now = now;
  }

  /** Most that may come at once. */
  get burst(): number {
    return this.#rate.burst;
  }

  take(account: string): Draw {
    const now = this.#now();
    const before = this.#accounts.get(account) ?? { left: this.#rate.burst, at: now };
    const { taken, allowance } = takeOne(before, this.#rate, now);
    // A map keeps its entries in the order in which they were put in: the first is the one that asked longest ago.
    this.#accounts.delete(account);
    this.#accounts.set(account, allowance);
    if (this.#accounts.size > maxAccounts) this.#accounts.delete(this.#accounts.keys().next().value ?? account);
    const waitMs = allowance.left >= 1 ? 0 : (1 - allowance.left) / this.#rate.perMs;
    return { taken, left: Math.floor(allowance.left), waitMs };
  }

  /** This budget as the place where `@fastify/rate-limit` counts. */
  asStore(): FastifyRateLimitStoreCtor {
    const count: FastifyRateLimitStore['incr'] = (account, callback) => {
      const { taken, left, waitMs } = this.take(account);
      callback(null, { current: taken ? this.burst - left : this.burst + 1, ttl: waitMs });
    };
    return class Store {
      incr = count;
      child = () => this;
    };
  }
}
