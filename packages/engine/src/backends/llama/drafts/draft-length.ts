export interface DraftSituation {
  /** Share of the drafted tokens that were right lately, from 0 to 1. */
  acceptance: number;
  /** What a step that evaluates so many tokens takes, in ms; null when it was not measured lately. */
  msOf: (tokens: number) => number | null;
  /** Most tokens to draft. */
  longest: number;
}

/** A draft has to promise this much more tokens a second than none: less is lost in what is not measured. */
const leastGain = 1.05;

/**
 * How many tokens to guess ahead; 0 where guessing does not pay. A step that evaluates one token and `n` guesses writes
 * 1 + a + a² + … + aⁿ tokens on average when each guess is right with the probability a. That is weighed against what
 * the step takes: next to nothing more where reading the weights is the work (large models, GPUs), and nearly twice as
 * much for each guess where computing is. What was never measured is taken to cost nothing more, and so gets tried.
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
