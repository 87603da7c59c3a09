/** Calls what was planned in the order of its times: the clock of a simulation, in ms. */
export class Agenda {
  readonly #planned: { atMs: number; run: () => void }[] = [];
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): void {
    const atMs = this.#nowMs + Math.max(0, ms);
    const at = this.#planned.findLastIndex((other) => other.atMs <= atMs);
    this.#planned.splice(at + 1, 0, { atMs, run });
  }

  /** Runs until `done`, or until nothing is planned. */
  run(done: () => boolean): void {
    for (let next = this.#planned.shift(); next && !done(); next = this.#planned.shift()) {
      this.#nowMs = next.atMs;
      next.run();
    }
  }
}
