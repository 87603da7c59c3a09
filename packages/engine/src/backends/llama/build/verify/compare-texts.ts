import type { WrittenStep } from './trial-messages.ts';

/** How the texts of two binaries compare. */
export interface TextComparison {
  texts: number;
  /** Texts that are the same to the last token. */
  equal: number;
  /** The largest difference of a written token's probability, where both had read the same. */
  largestDifference: number;
  /** Why the binary must not be used; null if its texts are as right as the other's. */
  fault: string | null;
}

/**
 * Two tokens tie where one is at least this likely in comparison with the other. Another order of a sum moves a logit by
 * hundredths, so a tie may fall either way, as it does with another chunk size.
 */
const tie = 0.9;

/** Most difference of a token's probability that another order of sums explains. */
const mostDifference = 0.05;

/**
 * Compares the texts that two binaries wrote at temperature 0. A text may differ only from a tie on, for both binaries,
 * since what follows another token is another text; before it both must give the tokens nearly the same probabilities.
 * At least half of the texts must be equal.
 */
export function compareTexts(
  ours: readonly (readonly WrittenStep[])[],
  theirs: readonly (readonly WrittenStep[])[],
): TextComparison {
  const compared = ours.map((own, at) => compareText(own, theirs[at] ?? []));
  const equal = compared.filter((one) => one.equal).length;
  const largestDifference = Math.max(0, ...compared.map((one) => one.largestDifference));
  const wrong = compared.find(({ fault }) => fault !== null)?.fault ?? null;
  const few =
    equal * 2 < ours.length || ours.length === 0 ? `only ${equal} of ${ours.length} texts are the same` : null;
  const far =
    largestDifference > mostDifference ? `a token's probability differs by ${round(largestDifference)}` : null;
  return { texts: ours.length, equal, largestDifference, fault: wrong ?? far ?? few };
}

function compareText(ours: readonly WrittenStep[], theirs: readonly WrittenStep[]) {
  let largestDifference = 0;
  for (const [at, own] of ours.entries()) {
    const other = theirs[at];
    if (!other) return { equal: false, largestDifference, fault: endsAlone(at) };
    largestDifference = Math.max(
      largestDifference,
      Math.abs(probabilityOf(own, own.token) - probabilityOf(other, own.token)),
    );
    if (own.token === other.token) continue;
    const closeness = Math.min(closenessOf(own, other.token), closenessOf(other, own.token));
    const fault =
      closeness >= tie
        ? null
        : `at token ${at} it writes another one, though the other is only ${round(closeness)} times as likely`;
    return { equal: false, largestDifference, fault };
  }
  const equal = ours.length === theirs.length;
  return { equal, largestDifference, fault: equal ? null : endsAlone(ours.length) };
}

const endsAlone = (at: number) => `one text ends at token ${at}, the other does not`;

/** How likely `token` was in comparison with the one that was written. */
function closenessOf(step: WrittenStep, token: number): number {
  return probabilityOf(step, token) / Math.max(probabilityOf(step, step.token), Number.MIN_VALUE);
}

function probabilityOf({ top }: WrittenStep, token: number): number {
  return top.find(([one]) => one === token)?.[1] ?? 0;
}

const round = (share: number) => share.toFixed(3);
