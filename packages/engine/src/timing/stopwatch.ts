import type { Clock } from './clock.ts';

/** Adds up the time in which it runs. It runs from the start. */
export class Stopwatch {
  readonly #clock: Clock;
  #since: number | null;
  #sum = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get ms(): number {
    return this.#sum + (this.#since === null ? 0 : this.#clock.now() - this.#since);
  }

  stop(): void {
    this.#sum = this.ms;
    this.#since = null;
  }

  go(): void {
    this.#since ??= this.#clock.now();
  }
}
