import type { Clock } from './clock.ts';

/** Sums the time while it runs. It starts running. */
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

  start(): void {
    this.#since ??= this.#clock.now();
  }
}
