import { abortable, isHeadwayError } from '@headway/protocol';

import type { FlagCandidate, TrialSettings } from './flag-candidates.ts';
import { leastPairs, ratioOf, type Ratio } from './judge-ratios.ts';

/** Speeds of one slice: a short prompt read and a few tokens written, in tokens a second. */
export interface Slice {
  prefill: number;
  decode: number;
}

/** A model that is open for trials. */
export interface TrialModel {
  /** Runs a slice. @throws HeadwayError what ended it; the signal's reason */
  slice(): Promise<Slice>;
  close(): Promise<void>;
}

export interface FlagTrial {
  flags: string;
  settings: TrialSettings;
  /** Pairs of slices, without and with the flags. */
  pairs: number;
  /** Null when the flags failed, or the time was too short for a measure. */
  speed: { prefill: Ratio; decode: Ratio } | null;
  /** Why the model did not run with them; null when it did. */
  problem: string | null;
}

export interface MeasureFlagsOptions {
  base: TrialModel;
  candidates: readonly FlagCandidate[];
  /** Longest time for all trials, in ms. A slice that has begun is finished. */
  budgetMs: number;
  open: (settings: TrialSettings) => Promise<TrialModel>;
  signal: AbortSignal;
  /** Called before each candidate. `leftMs`: the longest time from now on. */
  onTrial: (flags: string, leftMs: number) => void;
  /** @default the system's clock */
  now?: () => number;
}

/** Pairs after which a candidate is measured well enough. */
const mostPairs = 12;

/**
 * Tries each candidate beside the base, slice by slice in turns, so that both meet the same load. The candidates share
 * the time; one that was begun takes enough of the others' for a measure.
 *
 * @throws the signal's reason when it aborts
 */
export async function measureFlags({
  base,
  candidates,
  budgetMs,
  open,
  signal,
  onTrial,
  now = () => performance.now(),
}: MeasureFlagsOptions): Promise<FlagTrial[]> {
  const end = now() + budgetMs;
  const trials: FlagTrial[] = [];
  for (const [at, { flags, settings }] of candidates.entries()) {
    signal.throwIfAborted();
    const leftMs = end - now();
    const trial: FlagTrial = { flags, settings, pairs: 0, speed: null, problem: null };
    trials.push(trial);
    if (leftMs <= 0) continue;
    onTrial(flags, leftMs);
    const until = now() + leftMs / (candidates.length - at);
    try {
      const opening = open(settings);
      const model = await abortable(opening, signal).catch(async (thrown: unknown) => {
        await opening.then((late) => late.close()).catch(() => undefined);
        throw thrown;
      });
      try {
        const hasTime = () => now() < (trial.pairs < leastPairs ? end : until);
        await measure(trial, { base, model, hasTime });
      } finally {
        await model.close();
      }
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isHeadwayError(thrown)) throw thrown;
      trial.problem = thrown.message;
    }
  }
  return trials;
}

async function measure(
  trial: FlagTrial,
  { base, model, hasTime }: { base: TrialModel; model: TrialModel; hasTime: () => boolean },
): Promise<void> {
  // The first slice of a model warms it up.
  await model.slice();
  const ratios = { prefill: [] as number[], decode: [] as number[] };
  while (trial.pairs < mostPairs && hasTime()) {
    // The order alternates, so that a load that rises or falls favours neither.
    const [first, second] = trial.pairs % 2 === 0 ? [base, model] : [model, base];
    const slices = [await first.slice(), await second.slice()] as const;
    const [without, having] = first === base ? slices : [slices[1], slices[0]];
    ratios.prefill.push(having.prefill / without.prefill);
    ratios.decode.push(having.decode / without.decode);
    trial.pairs++;
  }
  if (trial.pairs < leastPairs) return;
  trial.speed = { prefill: ratioOf(ratios.prefill), decode: ratioOf(ratios.decode) };
}
