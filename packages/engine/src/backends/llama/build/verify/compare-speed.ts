import { median } from '../../../../timing/median.ts';
import type { BuildGain } from '../../binary/build-record.ts';
import type { Work } from '../../threads/thread-trials.ts';

/** One timed piece of work. */
export interface SpeedSample {
  binary: 'prebuilt' | 'built';
  work: Work;
  threads: number;
  ms: number;
}

/** Gain in one kind of work that noise does not explain. */
const clearGain = 1.05;
/** Loss in one kind of work that noise may explain. */
const noLoss = 0.95;

/** Each binary's best thread count and its median, in ms. Null without samples. */
export function bestTime(
  samples: readonly SpeedSample[],
  { binary, work }: Pick<SpeedSample, 'binary' | 'work'>,
): { threads: number; ms: number } | null {
  const own = samples.filter((one) => one.binary === binary && one.work === work);
  const counts = [...new Set(own.map(({ threads }) => threads))];
  const timed = counts.map((threads) => ({
    threads,
    ms: median(own.filter((one) => one.threads === threads).map(({ ms }) => ms)),
  }));
  return timed.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
}

/** How many times as fast the build is, each binary with its best thread count. */
export function gainOf(samples: readonly SpeedSample[]): BuildGain {
  const ratio = (work: Work) => {
    const prebuilt = bestTime(samples, { binary: 'prebuilt', work });
    const built = bestTime(samples, { binary: 'built', work });
    return prebuilt && built ? prebuilt.ms / built.ms : Number.NaN;
  };
  return { decode: ratio('decode'), prefill: ratio('prefill') };
}

/** Whether a build is worth keeping: clearly faster at something, and slower at nothing. */
export function isFaster({ decode, prefill }: BuildGain): boolean {
  return Math.min(decode, prefill) >= noLoss && Math.max(decode, prefill) >= clearGain;
}

/** A count that took this many times the best one's time, twice, is not tried again. */
const hopeless = 3;

/** Whether a count of threads is still worth timing. */
export function isHopeful(samples: readonly SpeedSample[], one: Omit<SpeedSample, 'ms'>): boolean {
  const own = samples.filter(({ binary, work }) => binary === one.binary && work === one.work);
  const times = own.filter(({ threads }) => threads === one.threads).map(({ ms }) => ms);
  return times.length < 2 || Math.min(...times) <= hopeless * Math.min(...own.map(({ ms }) => ms));
}
