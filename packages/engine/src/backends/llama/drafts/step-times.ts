/** Steps kept of each size: enough for a median that one prefill chunk in between does not move. */
const kept = 7;

/** After this many steps without it, a size counts as unmeasured and is tried again, as the load may have changed. */
const forgottenAfter = 512;

/** Durations of recent decode steps, by the number of tokens that they evaluated. */
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

  /** The median, in ms; null without a recent step of this size. */
  readonly msOf = (tokens: number): number | null => {
    const known = this.#steps.get(tokens);
    if (!known || this.#count - known.at >= forgottenAfter) return null;
    return known.ms.toSorted((a, b) => a - b)[Math.floor(known.ms.length / 2)] ?? null;
  };
}
