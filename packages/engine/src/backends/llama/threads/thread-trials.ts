import type { DecodeTrial } from '@headway/protocol';

/** Number of threads that compute a batch. */
export interface ThreadCounts {
  /** For written tokens. */
  decode: number;
  /** For a prompt's chunks. */
  prefill: number;
}

/** The work of a trial: one decoded token, or one chunk of a prompt. */
export type Work = keyof ThreadCounts;

export interface Trial {
  work: Work;
  threads: number;
}

export type TimedTrial = Trial & { ms: number };

/** Trials of one count at one kind of work: enough that three of four of them are a measure. */
const enough = 8;

/** A count that was this many times slower than another one, twice, is not tried again. */
const hopeless = 3;

/** A smaller count is preferred when it takes at most this share of the safest count's time. */
const clearly = 0.9;

/**
 * The same for a larger count. Its threads need cores that the gateway, a browser or another model may also use; the
 * shorter a batch, the more one late thread costs.
 */
const byFar: Record<Work, number> = { decode: 0.6, prefill: 2 / 3 };

/** The same for a binary that keeps its threads between batches, which a late thread costs less. */
const byMuch: Record<Work, number> = { decode: 0.8, prefill: 0.8 };

/**
 * Counts worth trying, the safest first: half the cores, all of them, then ever fewer. A small model computes so
 * briefly that one thread is best; a large one is limited by its memory's speed before it uses the last cores.
 */
export function threadCandidates(cores: number): number[] {
  const half = Math.max(1, Math.floor(cores / 2));
  const fewer: number[] = [];
  for (let count = Math.floor(half / 2); count >= 1; count = Math.floor(count / 2)) fewer.push(count);
  return [...new Set([half, cores, ...fewer])];
}

export interface NextTrialOptions {
  /** The safest first. */
  candidates: readonly number[];
  timed: readonly TimedTrial[];
  /** Expected duration of the first trial of each kind, in ms. */
  expected: Record<Work, number>;
  /** Time left, in ms. */
  leftMs: number;
}

/**
 * The next trial: the count with the fewest so far, so that all counts meet the same load. Null when each has enough
 * trials, or none fits into the time left.
 */
export function nextTrial({ candidates, timed, expected, leftMs }: NextTrialOptions): Trial | null {
  const timesOf = (trial: Trial) => timesOfTrial(timed, trial);
  const trials = (['decode', 'prefill'] as const).flatMap((work) => candidates.map((threads) => ({ work, threads })));
  const fits = (trial: Trial) => {
    const seen = timesOf(trial).length > 0 ? timesOf(trial) : timesOfWork(timed, trial.work);
    return (seen.length > 0 ? Math.max(...seen) : expected[trial.work]) <= leftMs;
  };
  const wanted = trials.filter((trial) => timesOf(trial).length < enough && !isHopeless(trial, timed) && fits(trial));
  return wanted.toSorted((a, b) => timesOf(a).length - timesOf(b).length)[0] ?? null;
}

/**
 * The best counts by the trials so far. It compares the duration that three of four trials stay under, as a count that
 * is fast only on an idle machine is slow under load. A smaller count must be clearly faster than the safest one, and a
 * larger one by far; the larger one must also be far faster than the fastest quarter of the safest one's trials, which
 * nothing delayed. With `keepsThreads` (OpenMP) a larger count needs a smaller lead.
 */
export function bestThreads(
  candidates: readonly number[],
  timed: readonly TimedTrial[],
  { keepsThreads = false } = {},
): ThreadCounts {
  const larger = keepsThreads ? byMuch : byFar;
  const best = (work: Work): number => {
    const times = (threads: number) => timesOfTrial(timed, { work, threads });
    const ms = (threads: number) => quartile(times(threads), 0.75);
    const [safest = 1, ...others] = candidates;
    const limit = (threads: number) =>
      threads > safest ? quartile(times(safest), 0.25) * larger[work] : ms(safest) * clearly;
    const better = others.filter((threads) => ms(threads) <= limit(threads));
    return better.toSorted((a, b) => ms(a) - ms(b))[0] ?? safest;
  };
  return { decode: best('decode'), prefill: best('prefill') };
}

/** Fewer trials than these say nothing about a count. */
const tellingTrials = 2;

/**
 * The time of a decode step with each count of threads, fewest threads first: what one in four trials stays under, i.e.
 * those that no other program held up. Counts that were given up, or hardly tried, are left out.
 */
export function decodeTrials(timed: readonly TimedTrial[]): DecodeTrial[] {
  const counts = new Set(timed.filter(({ work }) => work === 'decode').map(({ threads }) => threads));
  return [...counts]
    .toSorted((a, b) => a - b)
    .map((threads) => ({ threads, times: timesOfTrial(timed, { work: 'decode', threads }) }))
    .filter(({ threads, times }) => times.length >= tellingTrials && !isHopeless({ work: 'decode', threads }, timed))
    .map(({ threads, times }) => ({ threads, ms: quartile(times, 0.25) }));
}

function isHopeless(trial: Trial, timed: readonly TimedTrial[]): boolean {
  const times = timesOfTrial(timed, trial);
  return times.length >= 2 && Math.min(...times) > Math.min(...timesOfWork(timed, trial.work)) * hopeless;
}

function timesOfTrial(timed: readonly TimedTrial[], { work, threads }: Trial): number[] {
  return timed.filter((one) => one.work === work && one.threads === threads).map(({ ms }) => ms);
}

function timesOfWork(timed: readonly TimedTrial[], work: Work): number[] {
  return timed.filter((one) => one.work === work).map(({ ms }) => ms);
}

/** The duration that this share of the trials stays under; infinite without trials. */
function quartile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.MAX_VALUE;
}
