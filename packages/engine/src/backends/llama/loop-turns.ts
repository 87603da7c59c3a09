/**
 * Deals out turns of the event loop, one piece of work to each, first come first served. However many prompts are
 * tokenised at once, what else waits for the loop waits for one piece at most.
 */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#deal);
    });
  }

  readonly #deal = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#deal);
  };
}
