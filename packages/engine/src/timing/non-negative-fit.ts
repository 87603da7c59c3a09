/** The weight of an observation decays by 1/128 with each later one. */
const decaySteps = 128;

/** Weight of the expected factors, as a share of one observation. */
const expectedWeight = 0.1;

/** An observation counts as at most this multiple of its expected value: a stall says nothing about the next time. */
const mostOverExpected = 2;

/** Rounds of coordinate descent from the last fit. Each sets every term to its optimum while the others stay fixed. */
const rounds = 8;

interface Term {
  /** The feature's value in an ordinary observation; scales the term. */
  typical: number;
  /** Sums over the observations: the feature times the value, and the feature times each feature. */
  withValue: number;
  withFeatures: number[];
}

/**
 * Fits a quantity as a sum of features, each times a factor, to recent observations (non-negative least squares of the
 * relative errors). Because factors are never negative, the quantity never falls when a feature rises. Where the
 * observations do not separate the factors, they stay near the expected ones.
 */
export class NonNegativeFit {
  readonly #terms: Term[];
  /** Each term's contribution to an ordinary observation; null before the first fit. */
  #parts: number[] | null = null;
  #known = false;

  /** `typical`: the features of an ordinary observation, none of them 0. */
  constructor(typical: readonly number[]) {
    this.#terms = typical.map((one) => ({ typical: one, withValue: 0, withFeatures: typical.map(() => 0) }));
  }

  /** Whether there was any observation. */
  get known(): boolean {
    return this.#known;
  }

  /** Adds an observation. `expected`: the value predicted for it, or null. */
  add(features: readonly number[], value: number, expected: number | null): void {
    const predicted = expected ?? value;
    const scale = Math.max(value, predicted);
    if (!(scale > 0)) return;
    const observed = Math.min(value, mostOverExpected * predicted) / scale;
    const relative = this.#terms.map(({ typical }, at) => (features[at] ?? 0) / typical / scale);
    const fade = 1 - 1 / decaySteps;
    this.#terms.forEach((term, at) => {
      const own = relative[at] ?? 0;
      term.withValue = fade * term.withValue + own * observed;
      term.withFeatures = term.withFeatures.map((sum, other) => fade * sum + own * (relative[other] ?? 0));
    });
    this.#known = true;
  }

  /** The fitted factors. `expected`: the factors to assume until observations contradict them. */
  factors(expected: readonly number[]): number[] {
    const prior = this.#terms.map(({ typical }, at) => (expected[at] ?? 0) * typical);
    const size = prior.reduce((sum, part) => sum + part, 0);
    const pull = size > 0 ? expectedWeight / size ** 2 : 0;
    const parts = (this.#known && this.#parts) || [...prior];
    for (let round = 0; this.#known && round < rounds; round++) {
      this.#terms.forEach(({ withValue, withFeatures }, at) => {
        const weight = (withFeatures[at] ?? 0) + pull;
        if (weight === 0) return;
        const others = withFeatures.reduce(
          (sum, one, other) => sum + (other === at ? 0 : one * (parts[other] ?? 0)),
          0,
        );
        parts[at] = Math.max(0, (withValue + pull * (prior[at] ?? 0) - others) / weight);
      });
    }
    this.#parts = parts;
    return parts.map((part, at) => part / (this.#terms[at]?.typical ?? 1));
  }
}

export function product(factors: readonly number[], features: readonly number[]): number {
  return factors.reduce((sum, factor, at) => sum + factor * (features[at] ?? 0), 0);
}
