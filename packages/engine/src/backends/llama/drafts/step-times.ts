/** Steps of each size that are remembered: enough for a median that a chunk in between does not move. */
const kept = 7;

/** After so many steps a size that was given up is tried again: what runs beside it may have changed. */
const forgottenAfter = 512;

/** What decoding steps took lately, for each number of tokens that they evaluated. */
export class StepTimes {
  readonly #steps = new Map<number, { ms: number[]; at: number }>();
  #count = 0;

  add(tokens: number, ms: number): void {
    this.#count++;
    const known = this.#steps.get(tokens);
    const recent = known && this.#count - known.at < forgottenAfter ? known.ms : [];
    this.#steps.set(tokens, { ms: [...recent.slice(1 - kept), ms], at: this.#count });
  }

  /** Steps since the last one of this size. */
  age(tokens: number): number {
    return this.#count - (this.#steps.get(tokens)?.at ?? Number.NEGATIVE_INFINITY);
  }

  /** The median, in ms; null when there was no such step lately. */
  readonly msOf = (tokens: number): number | null => {
    const known = this.#steps.get(tokens);
    if (!known || this.#count - known.at >= forgottenAfter) return null;
    return known.ms.toSorted((a, b) => a - b)[Math.floor(known.ms.length / 2)] ?? null;
  };
}
