export interface ChoiceRules {
  temperature: number;
  /** 0 keeps all. */
  topK: number;
  topP: number;
  minP: number;
}

/** Below it the likeliest token is drawn all but surely. */
const leastTemperature = 1e-6;

/** Allowed tokens that are drawn from, where the first draw hit one that a grammar forbids. */
const mostAllowed = 256;

/** What weighs less beside the likeliest is left alone: to ask a grammar about a whole vocabulary takes too long. */
const leastWeight = 1e-6;

/**
 * Draws a token as llama.cpp's samplers do (top-k, top-p, min-p, temperature, in this order), from probabilities before
 * all of that, the likeliest first. With `allows` only what a grammar lets pass; null when that is nothing.
 */
export function chooseToken<Token>(
  sorted: readonly (readonly [Token, number])[],
  rules: ChoiceRules,
  { random, allows = () => true }: { random: () => number; allows?: (token: Token) => boolean },
): Token | null {
  const first = draw(sorted, rules, random);
  if (first === null || allows(first)) return first;
  const allowed: (readonly [Token, number])[] = [];
  const enough = rules.temperature < leastTemperature ? 1 : Math.min(rules.topK || mostAllowed, mostAllowed);
  for (const candidate of sorted) {
    if (allowed[0] && candidate[1] < leastOf(rules) * allowed[0][1]) break;
    if (allows(candidate[0])) allowed.push(candidate);
    if (allowed.length === enough) break;
  }
  return draw(allowed, rules, random);
}

/** What share of the likeliest one's probability a token needs to be drawn at all. */
function leastOf({ temperature, minP }: ChoiceRules): number {
  return Math.max(minP, leastWeight ** temperature);
}

function draw<Token>(
  sorted: readonly (readonly [Token, number])[],
  { temperature, topK, topP, minP }: ChoiceRules,
  random: () => number,
): Token | null {
  const [likeliest] = sorted;
  if (!likeliest) return null;
  // Next to 0 powers are no numbers any more.
  if (temperature < leastTemperature) return likeliest[0];
  const kept = cut(topK > 0 ? sorted.slice(0, topK) : sorted, topP, minP * likeliest[1]);
  const weights = kept.map(([, probability]) => (probability / likeliest[1]) ** (1 / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [at, [token]] of kept.entries()) {
    left -= weights[at] ?? 0;
    if (left < 0) return token;
  }
  return kept.at(-1)?.[0] ?? likeliest[0];
}

/** The likeliest tokens that make up `topP` of what there is, without those below `least`; one at least. */
function cut<Token>(sorted: readonly (readonly [Token, number])[], topP: number, least: number) {
  const enough = topP * sorted.reduce((sum, [, probability]) => sum + probability, 0);
  const kept: (readonly [Token, number])[] = [];
  let sum = 0;
  for (const candidate of sorted) {
    if (kept.length > 0 && (candidate[1] < least || (topP < 1 && sum >= enough))) break;
    kept.push(candidate);
    sum += candidate[1];
  }
  return kept;
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
