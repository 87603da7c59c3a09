/** Weight of the latest chunk. */
const weight = 0.3;

/**
 * What reading a token takes, as a moving mean over chunks. It is kept for each model from one request to the next,
 * so that only the very first chunk is sized and timed without knowledge.
 */
export class PrefillRate {
  #msPerToken: number | null = null;

  /** Null before the first chunk. */
  get msPerToken(): number | null {
    return this.#msPerToken;
  }

  add(tokens: number, ms: number): void {
    if (tokens <= 0) return;
    const measured = ms / tokens;
    this.#msPerToken = this.#msPerToken === null ? measured : this.#msPerToken + weight * (measured - this.#msPerToken);
  }
}

/** Tokens in ms as tokens per second; null when there is nothing to divide. */
export function tokensPerSecond(tokens: number, ms: number): number | null {
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : null;
}
