/** How fast a model was with a flag, as a factor of its speed without: above 1 is faster. */
export interface Ratio {
  median: number;
  /** A quarter of the pairs were slower than this. */
  low: number;
  /** A quarter were faster than this. */
  high: number;
}

export interface FlagRatios {
  prefill: Ratio;
  decode: Ratio;
  /** Memory of a slot, as a factor: below 1 is smaller. */
  memory: number;
}

/**
 * `pays`: faster at one and slower at nothing, or smaller and slower at nothing. `trades`: one for another. `costs`:
 * slower or larger and nothing gained. `same`: no difference that the noise does not explain. `noisy`: the pairs differ so
 * much among themselves that they tell nothing.
 */
export type FlagVerdict = 'pays' | 'trades' | 'costs' | 'same' | 'noisy';

/** A smaller change of speed is not worth a flag. */
const worthwhile = 0.05;

/** A change of memory counts from this share on. */
const worthwhileMemory = 0.1;

/** Fewer pairs tell nothing. */
export const leastPairs = 6;

/** Quartiles further apart than this come from other programs on the machine. */
const mostSpread = 1.5;

/** The median and the quartiles of the ratios of adjacent slices. */
export function ratioOf(ratios: readonly number[]): Ratio {
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 1;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Judges by what three of four pairs agree on. */
export function judgeRatios({ prefill, decode, memory }: FlagRatios): FlagVerdict {
  const speeds = [prefill, decode];
  if (speeds.some(({ low, high }) => high > low * mostSpread)) return 'noisy';
  const gains = speeds.some(isFaster) || memory <= 1 - worthwhileMemory;
  const losses = speeds.some(isSlower) || memory >= 1 + worthwhileMemory;
  if (gains && losses) return 'trades';
  if (gains) return 'pays';
  return losses ? 'costs' : 'same';
}

const isFaster = ({ median, low }: Ratio) => median >= 1 + worthwhile && low > 1;
const isSlower = ({ median, high }: Ratio) => median <= 1 - worthwhile && high < 1;
