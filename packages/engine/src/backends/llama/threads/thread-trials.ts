/** Threads that compute a batch. */
export interface ThreadCounts {
  /** Where tokens are written. */
  decode: number;
  /** Where a prompt is read. */
  prefill: number;
}

/** What a trial times: one token, or one chunk of a prompt. */
export type Work = keyof ThreadCounts;

export interface Trial {
  work: Work;
  threads: number;
}

export type TimedTrial = Trial & { ms: number };

/** Trials of one count at one kind of work: enough for three of four to show what a count is worth. */
const enough = 8;

/** A count that took so many times as long as another one, twice, is not tried again. */
const hopeless = 3;

/** The share of the safest count's time that a smaller count may take at most to be preferred. */
const clearly = 0.9;

/**
 * The same for a larger one. Its threads want cores that the gateway, a browser or another model may want as well; the
 * shorter a batch, the more a thread that comes late costs it.
 */
const byFar: Record<Work, number> = { decode: 0.6, prefill: 2 / 3 };

/**
 * Counts worth trying, the safest first: half the cores, all of them, then fewer and fewer. A small model computes for so
 * short a time that one thread is best; a large one waits for its memory before the last cores count.
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
  /** What a first trial of its kind may take, in ms. */
  expected: Record<Work, number>;
  /** What is left of the time there is, in ms. */
  leftMs: number;
}

/**
 * What to time next: what was timed least often, so that all meet the same of what else the machine does. Null when
 * everything was timed often enough, or nothing more fits into the time.
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
 * The best counts as far as they were timed, by the time that three of four trials keep: what is fast on an idle machine
 * alone is slow when it matters. The safest count stays unless a smaller one is clearly better, or a larger one by far, and
 * by far also of the time that only one in four of the safest one's trials keep: those that nothing held up.
 */
export function bestThreads(candidates: readonly number[], timed: readonly TimedTrial[]): ThreadCounts {
  const best = (work: Work): number => {
    const times = (threads: number) => timesOfTrial(timed, { work, threads });
    const ms = (threads: number) => quartile(times(threads), 0.75);
    const [safest = 1, ...others] = candidates;
    const limit = (threads: number) =>
      threads > safest ? quartile(times(safest), 0.25) * byFar[work] : ms(safest) * clearly;
    const better = others.filter((threads) => ms(threads) <= limit(threads));
    return better.toSorted((a, b) => ms(a) - ms(b))[0] ?? safest;
  };
  return { decode: best('decode'), prefill: best('prefill') };
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

/** What this share of the times keep; more than any time when there is none. */
function quartile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.MAX_VALUE;
}
