/** Weight of the latest chunk, and of a token's time in one of at least so many tokens: short ones tell little. */
const weight = 0.3;
const fullWeightTokens = 64;

/**
 * What reading takes, as moving means over chunks: a token of whichever chunk, and a chunk of each size. It is kept for
 * each model from one request to the next, so that only the very first chunk is sized and timed without knowledge.
 */
export class PrefillRate {
  #msPerToken: number | null = null;
  readonly #msOfSize = new Map<number, number>();

  /** Null before the first chunk. */
  get msPerToken(): number | null {
    return this.#msPerToken;
  }

  /** What a chunk of this size took lately, in ms; null if none was read. */
  readonly msOf = (size: number): number | null => this.#msOfSize.get(size) ?? null;

  add(tokens: number, ms: number): void {
    if (tokens <= 0) return;
    this.#msPerToken = mean(this.#msPerToken, ms / tokens, weight * Math.min(1, tokens / fullWeightTokens));
    // The ends of prompts have sizes of their own, which nobody will ask for.
    if (Number.isInteger(Math.log2(tokens))) this.#msOfSize.set(tokens, mean(this.msOf(tokens), ms, weight));
  }
}

/** Tokens in ms as tokens per second; null when there is nothing to divide. */
export function tokensPerSecond(tokens: number, ms: number): number | null {
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : null;
}

function mean(before: number | null, latest: number, share: number): number {
  return before === null ? latest : before + share * (latest - before);
}
