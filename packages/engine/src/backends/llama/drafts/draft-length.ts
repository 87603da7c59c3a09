export interface DraftSituation {
  /** Share of recent drafted tokens that were right, from 0 to 1. */
  acceptance: number;
  /** Duration of a step that evaluates this many tokens, in ms; null when there is no recent measurement. */
  msOf: (tokens: number) => number | null;
  /** Most tokens to draft. */
  longest: number;
}

/**
 * A draft must promise this many times the tokens per second of no draft, which covers costs that steps do not show.
 */
const leastGain = 1.05;

/**
 * How many tokens to draft; 0 where drafting does not pay. A step that evaluates one token and `n` drafted ones writes
 * 1 + a + a² + … + aⁿ tokens on average when each drafted token is right with the probability a. The formula weighs
 * that against the step's duration: each drafted token costs next to nothing where reading the weights dominates (large
 * models, GPUs), and nearly a step of its own where arithmetic does. A length without a measurement counts as free, so
 * that it is tried.
 */
export function draftLength({ acceptance, msOf, longest }: DraftSituation): number {
  const alone = msOf(1);
  if (alone === null) return 0;
  let best = { length: 0, tokensPerMs: leastGain / alone };
  let tokens = 1;
  for (let length = 1; length <= longest; length++) {
    tokens += acceptance ** length;
    const tokensPerMs = tokens / Math.max(alone, msOf(1 + length) ?? 0);
    if (tokensPerMs > best.tokensPerMs) best = { length, tokensPerMs };
  }
  return best.length;
}
