/**
 * Calls once, in the next turn of the event loop, whoever asked in this one: what came in one turn goes out together,
 * so that a gateway that is behind sends fewer and larger events instead of falling further behind.
 */
export class NextTurn {
  #asked = new Set<() => void>();

  call(wake: () => void): void {
    if (this.#asked.size === 0) setImmediate(this.#run);
    this.#asked.add(wake);
  }

  readonly #run = (): void => {
    const asked = this.#asked;
    this.#asked = new Set();
    for (const wake of asked) wake();
  };
}
