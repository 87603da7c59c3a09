/** Sequences that were read before, of which a new prompt need not read the common start again. */
export class PromptCache {
  /** The newest last. */
  readonly #sequences: (readonly string[])[] = [];
  readonly #most: number;

  /** Keeps so many sequences, and forgets the oldest. */
  constructor(most = 64) {
    this.#most = most;
  }

  /** Tokens at the start of the prompt that are known, in whole blocks. The last token is always read again. */
  cachedTokens(prompt: readonly string[], block = 1): number {
    let best = 0;
    for (const sequence of this.#sequences) best = Math.max(best, commonStart(sequence, prompt));
    const whole = Math.floor(best / block) * block;
    return Math.max(0, Math.min(whole, prompt.length - 1));
  }

  keep(sequence: readonly string[]): void {
    this.#sequences.push(sequence);
    if (this.#sequences.length > this.#most) this.#sequences.shift();
  }
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at++;
  return at;
}
