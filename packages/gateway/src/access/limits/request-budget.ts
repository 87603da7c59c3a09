import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';

/** A rate with a burst, enforced as a token bucket. */
export interface Rate {
  /** Requests that may arrive at once. */
  burst: number;
  /** Requests that the allowance regains each millisecond. */
  perMs: number;
}

/** The rate of `perMinute` requests a minute, with a tenth of them as its burst. */
export function rateOf(perMinute: number): Rate {
  return { burst: Math.max(1, Math.ceil(perMinute / 10)), perMs: perMinute / 60_000 };
}

/** The requests that an account may still send. */
export interface Allowance {
  left: number;
  /** Time at which `left` was computed, in ms of the caller's clock. */
  at: number;
}

/** Refills the allowance up to `now` and takes one request from it. `taken` is false when less than one was left. */
export function takeOne({ left, at }: Allowance, { burst, perMs }: Rate, now: number) {
  const filled = Math.min(burst, left + Math.max(0, now - at) * perMs);
  const taken = filled >= 1;
  return { taken, allowance: { left: taken ? filled - 1 : filled, at: now } };
}

export interface Draw {
  taken: boolean;
  /** Whole requests that may still arrive at once. */
  left: number;
  /** Time until the next request is allowed, in ms; 0 when it is allowed now. */
  waitMs: number;
}

/** Accounts that are kept. An account that is dropped starts again with a full allowance. */
const maxAccounts = 10_000;

/**
 * Limits how many requests each account sends a minute, over HTTP and sockets together. A tenth of them may arrive at
 * once, so that a burst passes; an account that sends faster learns how long to wait.
 */
export class RequestBudget {
  readonly #accounts = new Map<string, Allowance>();
  readonly #rate: Rate;
  readonly #now: () => number;

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#rate = rateOf(perMinute);
    this.#now = now;
  }

  /** Requests that an account may send at once. */
  get burst(): number {
    return this.#rate.burst;
  }

  take(account: string): Draw {
    const now = this.#now();
    const before = this.#accounts.get(account) ?? { left: this.#rate.burst, at: now };
    const { taken, allowance } = takeOne(before, this.#rate, now);
    // A Map keeps insertion order, so the first entry is the account whose last request is the oldest.
    this.#accounts.delete(account);
    this.#accounts.set(account, allowance);
    if (this.#accounts.size > maxAccounts) this.#accounts.delete(this.#accounts.keys().next().value ?? account);
    const waitMs = allowance.left >= 1 ? 0 : (1 - allowance.left) / this.#rate.perMs;
    return { taken, left: Math.floor(allowance.left), waitMs };
  }

  /** This budget as a store of `@fastify/rate-limit`. */
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
