export interface ChoiceRules {
  temperature: number;
  /** 0 keeps all tokens. */
  topK: number;
  topP: number;
  minP: number;
}

/**
 * Below this temperature the likeliest token is taken: it would be drawn almost surely, and near 0 the powers below
 * become NaN.
 */
export const leastTemperature = 1e-4;

/** Allowed tokens in the second draw, which follows when a grammar forbids the token of the first draw. */
const mostAllowed = 256;

/** Tokens below this share of the likeliest weight are skipped: checking a whole vocabulary takes too long. */
const leastWeight = 1e-6;

/** [token, probability] */
type Candidate<Token> = readonly [Token, number];

/**
 * Draws a token as llama.cpp's samplers do: top-k, top-p, min-p, temperature, in this order. `sorted` holds the raw
 * probabilities, which sum to 1, the likeliest first; it is iterated no further than needed. With `allows` only tokens
 * that pass it are drawn; null when none does.
 */
export function chooseToken<Token>(
  sorted: Iterable<Candidate<Token>>,
  rules: ChoiceRules,
  { random, allows = () => true }: { random: () => number; allows?: (token: Token) => boolean },
): Token | null {
  const first = draw(sorted, rules, random, 1);
  if (first === null || allows(first)) return first;
  const allowed: Candidate<Token>[] = [];
  const enough = rules.temperature < leastTemperature ? 1 : Math.min(rules.topK || mostAllowed, mostAllowed);
  for (const candidate of sorted) {
    if (allowed[0] && candidate[1] < leastOf(rules) * allowed[0][1]) break;
    if (allows(candidate[0])) allowed.push(candidate);
    if (allowed.length === enough) break;
  }
  return draw(allowed, rules, random, sumOf(allowed));
}

/** The least share of the likeliest token's probability at which a token can still be drawn. */
function leastOf({ temperature, minP }: ChoiceRules): number {
  return Math.max(minP, leastWeight ** temperature);
}

function draw<Token>(
  sorted: Iterable<Candidate<Token>>,
  rules: ChoiceRules,
  random: () => number,
  total: number,
): Token | null {
  const [likeliest] = take(sorted, 1);
  if (!likeliest) return null;
  const { temperature, topK } = rules;
  // Every token that the grammar allows may have probability 0; shares of 0 are undefined.
  if (temperature < leastTemperature || likeliest[1] === 0) return likeliest[0];
  const leading = topK > 0 ? take(sorted, topK) : null;
  const kept = cut(leading ?? sorted, rules, leading ? sumOf(leading) : total);
  const weights = kept.map(([, probability]) => (probability / likeliest[1]) ** (1 / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [at, [token]] of kept.entries()) {
    left -= weights[at] ?? 0;
    if (left < 0) return token;
  }
  return kept.at(-1)?.[0] ?? likeliest[0];
}

/** The likeliest tokens up to `topP` of the total, without those below `minP` of the first; at least one. */
function cut<Token>(sorted: Iterable<Candidate<Token>>, { topP, minP }: ChoiceRules, total: number) {
  const kept: Candidate<Token>[] = [];
  let sum = 0;
  for (const candidate of sorted) {
    const [first] = kept;
    if (first && (candidate[1] < minP * first[1] || (topP < 1 && sum >= topP * total))) break;
    kept.push(candidate);
    sum += candidate[1];
  }
  return kept;
}

/** The first `count` items. Does not iterate past them. */
export function take<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = [];
  if (count === 0) return taken;
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
}

function sumOf(candidates: readonly Candidate<unknown>[]): number {
  return candidates.reduce((sum, [, probability]) => sum + probability, 0);
}

/** Pseudo-random numbers from 0 to 1, repeatable by seed (mulberry32, by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
