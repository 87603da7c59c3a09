export interface ChoiceRules {
  temperature: number;
  /** 0 keeps all. */
  topK: number;
  topP: number;
  minP: number;
}

/** Below it the likeliest token is taken: it would be drawn all but surely, and next to 0 powers are no numbers any more. */
export const leastTemperature = 1e-4;

/** Allowed tokens that are drawn from, where the first draw hit one that a grammar forbids. */
const mostAllowed = 256;

/** What weighs less beside the likeliest is left alone: to ask a grammar about a whole vocabulary takes too long. */
const leastWeight = 1e-6;

/** A token and its probability. */
type Candidate<Token> = readonly [Token, number];

/**
 * Draws a token as llama.cpp's samplers do (top-k, top-p, min-p, temperature, in this order), from probabilities before
 * all of that, which sum to 1, the likeliest first. Looks at no more of them than it must. With `allows` only what a
 * grammar lets pass; null when that is nothing.
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

/** What share of the likeliest one's probability a token needs to be drawn at all. */
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
  // Where all that a grammar allows was ruled out, they are 0 and no share can be made of them.
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

/** The likeliest that make up `topP` of the total, without those too unlikely beside the first; one at least. */
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

/** The first ones, without a look at the others. */
export function take<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = [];
  if (count === 0) return taken;
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
}

function sumOf(candidates: readonly Candidate<unknown>[]): number {
  return candidates.reduce((sum, [, probability]) => sum + probability, 0);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, by Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
