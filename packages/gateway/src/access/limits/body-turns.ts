/** How much of the event loop's time is left to everything else, for what a turn took. */
const restShare = 2;

/** From here on a body is read in turns; a smaller one takes a millisecond or two. */
export const largeBodyBytes = 64 * 1024;

/**
 * Deals out turns of the event loop to those who send large bodies, a part of one body in each. Twice what a turn took is
 * left to everything else before the next one, so that however many come at once, who sends little waits for one turn at
 * most at each step. Accounts take turns: somebody's body does not wait for all of another's.
 */
export class BodyTurns {
  /** Those who wait, the account first whose turn is next. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #busy = false;

  /**
   * Calls `take` once, now or in a later turn of the loop. All that the loop does up to its next turn counts as the turn's.
   * Returns a function that gives the place up.
   */
  wait(account: string, take: () => void): () => void {
    const waiting = this.#waiting.get(account) ?? new Set();
    this.#waiting.set(account, waiting);
    waiting.add(take);
    this.#next();
    return () => this.#remove(account, take);
  }

  #next(): void {
    if (this.#busy) return;
    for (const [account, waiting] of this.#waiting) {
      const [take] = waiting;
      if (!take) continue;
      this.#busy = true;
      this.#remove(account, take);
      if (waiting.size > 0) {
        this.#waiting.delete(account);
        this.#waiting.set(account, waiting);
      }
      const since = performance.now();
      take();
      // What was let in by it is read from the network in between.
      setImmediate(() => setImmediate(() => this.#rest(performance.now() - since)));
      return;
    }
  }

  #rest(spentMs: number): void {
    setTimeout(() => {
      this.#busy = false;
      this.#next();
    }, restShare * spentMs);
  }

  #remove(account: string, take: () => void): void {
    const waiting = this.#waiting.get(account);
    waiting?.delete(take);
    if (waiting?.size === 0) this.#waiting.delete(account);
  }
}
