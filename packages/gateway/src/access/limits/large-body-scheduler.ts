/** Time that the event loop is left to other work after a step, as a multiple of the time that the step took. */
const restShare = 2;

/** Bodies from this size on are read step by step. Reading a smaller one takes a millisecond or two. */
export const largeBodyBytes = 64 * 1024;

/**
 * Schedules the reading of large bodies on the event loop: one part of one body a step. After each step it leaves the
 * event loop to other work for twice the time that the step took. So a small request waits for at most one step of a
 * large body at a time, however many large bodies arrive together. Steps go round robin over accounts, so that the body
 * of one account does not wait for all the bodies of another.
 */
export class LargeBodyScheduler {
  /** Waiting steps by account. The first account has the next step. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #busy = false;

  /**
   * Calls `step` once, now or later. All that the event loop does until its next iteration counts as part of the step.
   * Returns a function that cancels the step.
   */
  schedule(account: string, step: () => void): () => void {
    const steps = this.#waiting.get(account) ?? new Set();
    this.#waiting.set(account, steps);
    steps.add(step);
    this.#next();
    return () => this.#remove(account, step);
  }

  #next(): void {
    if (this.#busy) return;
    for (const [account, steps] of this.#waiting) {
      const [step] = steps;
      if (!step) continue;
      this.#busy = true;
      this.#remove(account, step);
      if (steps.size > 0) {
        this.#waiting.delete(account);
        this.#waiting.set(account, steps);
      }
      const since = performance.now();
      step();
      // Node reads from the network between the two, and what it reads for this body counts as part of the step.
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

  #remove(account: string, step: () => void): void {
    const steps = this.#waiting.get(account);
    steps?.delete(step);
    if (steps?.size === 0) this.#waiting.delete(account);
  }
}
