/** Observations that count; the weight of each fades as others come. */
const memory = 128;

/** What the expectation weighs: as much as this part of one observation. */
const drawToExpected = 0.1;

/** An observation counts as at most so many times what was expected: machines stall, and that says nothing of the next time. */
const outlier = 2;

/** Rounds in which each part is set to its best while the others stay. They go on from the last fit. */
const rounds = 8;

interface Term {
  /** Its feature in an ordinary observation; gives it its scale. */
  typical: number;
  /** Sums over the observations: of its feature times the value, and times each feature. */
  withValue: number;
  withFeatures: number[];
}

/**
 * A quantity as a sum of features, each times a factor that is fitted to what was observed lately (least squares of the
 * relative errors). Factors are never negative, so that more of a feature never makes less of the quantity, and they
 * stay near what was expected where the observations do not tell them apart.
 */
export class SteadyFit {
  readonly #terms: Term[];
  /** What each term makes of an ordinary observation; null before the first fit. */
  #parts: number[] | null = null;
  #known = false;

  /** `typical`: the features of an ordinary observation, none of them 0. */
  constructor(typical: readonly number[]) {
    this.#terms = typical.map((one) => ({ typical: one, withValue: 0, withFeatures: typical.map(() => 0) }));
  }

  /** Whether anything was observed. */
  get known(): boolean {
    return this.#known;
  }

  /** Takes an observation. `expected`: what was foreseen for it, null when nothing was. */
  add(features: readonly number[], value: number, expected: number | null): void {
    const foreseen = expected ?? value;
    const scale = Math.max(value, foreseen);
    if (!(scale > 0)) return;
    const seen = Math.min(value, outlier * foreseen) / scale;
    const relative = this.#terms.map(({ typical }, at) => (features[at] ?? 0) / typical / scale);
    const fade = 1 - 1 / memory;
    this.#terms.forEach((term, at) => {
      const own = relative[at] ?? 0;
      term.withValue = fade * term.withValue + own * seen;
      term.withFeatures = term.withFeatures.map((sum, other) => fade * sum + own * (relative[other] ?? 0));
    });
    this.#known = true;
  }

  /** The factors. `expected`: what they are taken for until observations say otherwise. */
  factors(expected: readonly number[]): number[] {
    const foreseen = this.#terms.map(({ typical }, at) => (expected[at] ?? 0) * typical);
    const size = foreseen.reduce((sum, part) => sum + part, 0);
    const draw = size > 0 ? drawToExpected / size ** 2 : 0;
    const parts = (this.#known && this.#parts) || [...foreseen];
    for (let round = 0; this.#known && round < rounds; round++) {
      this.#terms.forEach(({ withValue, withFeatures }, at) => {
        const weight = (withFeatures[at] ?? 0) + draw;
        if (weight === 0) return;
        const others = withFeatures.reduce(
          (sum, one, other) => sum + (other === at ? 0 : one * (parts[other] ?? 0)),
          0,
        );
        parts[at] = Math.max(0, (withValue + draw * (foreseen[at] ?? 0) - others) / weight);
      });
    }
    this.#parts = parts;
    return parts.map((part, at) => part / (this.#terms[at]?.typical ?? 1));
  }
}

export function product(factors: readonly number[], features: readonly number[]): number {
  return factors.reduce((sum, factor, at) => sum + factor * (features[at] ?? 0), 0);
}
