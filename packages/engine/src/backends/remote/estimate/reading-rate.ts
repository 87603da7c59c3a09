import {
  fitReadings,
  lossOf,
  lowerMedian,
  msToRead,
  scaled,
  type Neighbours,
  type ReadingCost,
  type ReadingTime,
} from './fit-readings.ts';

/** Readings that count; older ones are forgotten. */
const recentReadings = 48;

/** So many in a row, all faster or all slower than the rest says by `shift`, are another upstream than before. */
const readingsOfShift = 3;
const shift = 1.4;

/** A less likely trait is believed when it leaves less than this share of the loss, and so much less. */
const doubtfulShare = 0.75;
const doubt = 0.5;

/** Time for which something happened, with the neighbours of that time. */
export interface MeasuredTime extends Neighbours {
  ms: number;
}

/** What one prompt's reading took, seen in two ways. */
export interface MeasuredReading {
  /** Tokens of the prompt. */
  tokens: number;
  /** Tokens that the upstream had in its cache: as it says, or as was forecast. */
  cached: number;
  /** Whether the upstream said how many were cached. */
  isCachedKnown: boolean;
  /** From its sending to its first token. */
  whole: MeasuredTime;
  /** From when no earlier prompt was left to read to its first token; null when its first token came before that. */
  turn: MeasuredTime | null;
}

/** What cannot be asked of the upstream, only seen in its times. */
interface Traits {
  /** It reads one prompt after the other, in the order they were sent, as continuous batching does. */
  isInTurn: boolean;
  /** It reuses prefixes as was forecast. */
  reuses: boolean;
}

/**
 * Learns what reading costs at an upstream from its times to the first token: `fixed + n · (token + before · position +
 * writer · writers + reader · readers)` ms for n uncached tokens. It keeps the latest readings and fits anew after each;
 * when three in a row say that the upstream is faster or slower, it forgets the older ones and keeps their shape.
 */
export class ReadingRate {
  #readings: MeasuredReading[] = [];
  #prior: ReadingCost | null = null;
  #cost: ReadingCost | null = null;
  #traits: Traits = { isInTurn: true, reuses: true };
  #isFitted = true;

  /** Null before anything was learnt. */
  get cost(): ReadingCost | null {
    this.#refit();
    return this.#cost;
  }

  get traits(): Readonly<Traits> {
    this.#refit();
    return this.#traits;
  }

  /** Adds a reading. Later changes of its fields count after `amended`. */
  add(reading: MeasuredReading): void {
    this.#readings.push(reading);
    if (this.#readings.length > recentReadings) this.#readings.shift();
    this.#isFitted = false;
  }

  amended(): void {
    this.#isFitted = false;
  }

  #refit(): void {
    if (this.#isFitted) return;
    this.#isFitted = true;
    this.#forgetAfterShift();
    const candidates = this.#candidates().map((traits) => {
      const times = timesOf(this.#readings, traits);
      const cost = fitReadings(times, this.#prior);
      return { traits, cost, loss: cost ? lossOf(cost, times) : Number.POSITIVE_INFINITY };
    });
    const best = candidates.reduce((one, other) => (other.loss + doubt < doubtfulShare * one.loss ? other : one));
    this.#traits = best.traits;
    this.#cost = best.cost;
  }

  /** The traits between which the readings can tell, the likeliest first. */
  #candidates(): Traits[] {
    const turns = this.#readings.some(({ whole, turn }) => turn?.ms !== whole.ms) ? [true, false] : [true];
    const reuses = this.#readings.some(({ cached, isCachedKnown }) => cached > 0 && !isCachedKnown);
    return turns.flatMap((isInTurn) => (reuses ? [true, false] : [true]).map((one) => ({ isInTurn, reuses: one })));
  }

  #forgetAfterShift(): void {
    const latest = this.#readings.slice(-readingsOfShift);
    const times = timesOf(latest, this.#traits);
    const before = fitReadings(timesOf(this.#readings.slice(0, -readingsOfShift), this.#traits), this.#prior);
    if (!before || times.some(({ ms }) => ms === 0)) return;
    const ratios = times.map((time) => time.ms / msToRead(before, time));
    if (!ratios.every((ratio) => ratio > shift) && !ratios.every((ratio) => ratio < 1 / shift)) return;
    this.#readings = latest;
    this.#prior = scaled(before, lowerMedian(ratios));
  }
}

/** The readings as times under these traits. One whose first token came out of turn took no time of its own. */
function timesOf(readings: readonly MeasuredReading[], { isInTurn, reuses }: Traits): ReadingTime[] {
  return readings.map(({ tokens, cached, isCachedKnown, whole, turn }) => {
    const { ms, writing, reading } = isInTurn ? (turn ?? { ...whole, ms: 0 }) : whole;
    const from = isCachedKnown || reuses ? Math.min(cached, tokens - 1) : 0;
    return { from, to: tokens, ms, waitedMs: whole.ms - ms, writing, reading: isInTurn ? 0 : reading };
  });
}
