import type { TokenRates } from '@headway/protocol';

export interface RecentTokensOptions {
  /** The current time, in ms. */
  now: number;
  /** Length of an interval, in ms. @default 2000 */
  intervalMs?: number;
  /** Most intervals; a further one drops the oldest. @default 150: 5 minutes */
  most?: number;
}

interface Interval {
  prefilled: number;
  decoded: number;
  promptTokens: number;
  cachedTokens: number;
}

const empty = (): Interval => ({ prefilled: 0, decoded: 0, promptTokens: 0, cachedTokens: 0 });

/**
 * Counts the tokens of a gateway in equal intervals. Times are in ms, of one clock. A written token costs an addition: it
 * counts in the open interval, so somebody has to `advance` at the end of each.
 */
export class RecentTokens {
  readonly #intervalMs: number;
  readonly #most: number;
  /** The oldest first. */
  #closed: Interval[] = [];
  #open = empty();
  #openUntil: number;

  constructor({ now, intervalMs = 2000, most = 150 }: RecentTokensOptions) {
    this.#intervalMs = intervalMs;
    this.#most = most;
    this.#openUntil = now + intervalMs;
  }

  /** When the open interval ends. */
  get openUntil(): number {
    return this.#openUntil;
  }

  addDecoded(count: number): void {
    this.#open.decoded += count;
  }

  /** Spreads tokens evenly over the time in which they were read, as a client may have reports only now and then. */
  addPrefilled(count: number, from: number, now: number): void {
    this.advance(now);
    const ms = now - from;
    if (ms <= 0) {
      this.#open.prefilled += count;
      return;
    }
    let left = count;
    for (let at = this.#closed.length - 1, until = this.#openUntil - this.#intervalMs; at >= 0 && until > from; at--) {
      const since = Math.max(from, until - this.#intervalMs);
      const share = (count * (until - since)) / ms;
      const interval = this.#closed[at];
      if (interval) interval.prefilled += share;
      left -= share;
      until -= this.#intervalMs;
    }
    // What was read before the oldest interval is dropped with it.
    const known = this.#openUntil - this.#intervalMs * (this.#closed.length + 1);
    this.#open.prefilled += Math.max(0, left - (count * Math.max(0, known - from)) / ms);
  }

  /** A request began: so many of its prompt tokens were cached. */
  addPrompt(promptTokens: number, cachedTokens: number): void {
    this.#open.promptTokens += promptTokens;
    this.#open.cachedTokens += cachedTokens;
  }

  /** Closes the intervals that have ended. */
  advance(now: number): void {
    if (now < this.#openUntil) return;
    const ended = 1 + Math.floor((now - this.#openUntil) / this.#intervalMs);
    const idle = Array.from({ length: Math.min(ended - 1, this.#most) }, empty);
    this.#closed = [...this.#closed, this.#open, ...idle].slice(-this.#most);
    this.#open = empty();
    this.#openUntil += ended * this.#intervalMs;
  }

  /** The intervals that have ended, and the prompts in them and in the open one. */
  read(now: number): { rates: TokenRates; cache: { promptTokens: number; cachedTokens: number } } {
    this.advance(now);
    const perSecond = (count: number) => Math.round((count * 10_000) / this.#intervalMs) / 10;
    const all = [...this.#closed, this.#open];
    return {
      rates: {
        intervalMs: this.#intervalMs,
        prefill: this.#closed.map(({ prefilled }) => perSecond(prefilled)),
        decode: this.#closed.map(({ decoded }) => perSecond(decoded)),
      },
      cache: {
        promptTokens: all.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
        cachedTokens: all.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0),
      },
    };
  }
}
