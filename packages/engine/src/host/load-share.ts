import type { Clock } from '../timing/clock.ts';

/** Least time between two reports, in ms. */
const intervalMs = 100;

/** The share of one model that is loaded. It never decreases. */
export class LoadShare {
  readonly #clock: Clock;
  readonly #listeners = new Set<(loaded: number) => void>();
  #value: number | null = null;
  #reported: { value: number; at: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 to 1; null until known. */
  get value(): number | null {
    return this.#value;
  }

  set(loaded: number): void {
    const value = (this.#value = Math.min(1, Math.max(loaded, this.#value ?? 0)));
    const at = this.#clock.now();
    if (!isNews(value, this.#reported && { value: this.#reported.value, ms: at - this.#reported.at })) return;
    this.#reported = { value, at };
    for (const listener of this.#listeners) listener(value);
  }

  /** Calls `listener` with news until the returned function is called. */
  listen(listener: (loaded: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Whether to report a share, `ms` after the last report. The first one and the whole always are. */
export function isNews(loaded: number, last: { value: number; ms: number } | null): boolean {
  if (last === null) return true;
  return loaded > last.value && (loaded === 1 || last.ms >= intervalMs);
}
