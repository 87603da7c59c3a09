import { median } from '../../../timing/median.ts';
import { NonNegativeFit, product } from '../../../timing/non-negative-fit.ts';

/** Other requests of ours at the upstream while a prompt was read; means over that time. */
export interface Neighbours {
  /** Requests that get their answers. */
  writing: number;
  /** Requests whose prompts are read at the same time. */
  reading: number;
}

/** Tokens `from` (cached ones before it) `to` of a prompt, and who was there while they were read. */
export interface ReadTokens extends Neighbours {
  from: number;
  to: number;
  /** Time before, in which earlier prompts were read, in ms. Its fixed time passed meanwhile. */
  waitedMs: number;
}

/** What one prompt took. */
export interface ReadingTime extends ReadTokens {
  /** Without the wait. */
  ms: number;
}

/** Milliseconds: of each prompt, of a token, of a token and each one before it, of a token and each neighbour. */
export interface ReadingCost {
  fixed: number;
  token: number;
  before: number;
  writer: number;
  reader: number;
}

/** Assumed position at which attention costs as much as the rest, until prompts of several lengths are measured. */
const balancedPosition = 8192;

/** Assumed share by which each writer slows the reading, until prompts beside some are measured. */
const assumedSlowing = 0.05;

/** A prompt that took more than this multiple of the fit, or less than its inverse, met something else: it is left out. */
const mostOff = 2;

/** What took less than this share of the time assumed, after a wait, was read together with the prompt before. */
const sharedStep = 0.25;

/** A shorter time says nothing, in ms: no clock and no network is that exact. */
const shortestMs = 0.01;

/** Calls for the fit's next rounds until it lies where it stays. */
const turns = 25;

const features = ({ from, to, waitedMs, writing, reading }: ReadTokens) => {
  const tokens = to - from;
  return [waitedMs > 0 ? 0 : 1, tokens, (tokens * (from + to)) / 2, tokens * writing, tokens * reading];
};
const typical = features({ from: 0, to: 2048, waitedMs: 0, writing: 1, reading: 1 });
const factorsOf = ({ fixed, token, before, writer, reader }: ReadingCost) => [fixed, token, before, writer, reader];

/** The time that these tokens take after the wait, in ms. */
export function msToRead(cost: ReadingCost, tokens: ReadTokens): number {
  return product(factorsOf(cost), features(tokens));
}

/**
 * The cost that explains these prompts best; null without any. What the prompts do not tell apart stays near `prior`, or
 * near a plain guess. An upstream's own queue or the loading of a model makes a prompt many times slower, so half of the
 * prompts may be off without harm.
 */
export function fitReadings(times: readonly ReadingTime[], prior: ReadingCost | null): ReadingCost | null {
  const inTurn = times.filter(({ ms }) => ms > shortestMs);
  if (inTurn.length === 0) return null;
  const assumed = prior ?? guess(inTurn);
  const read = inTurn.filter((time) => time.waitedMs === 0 || time.ms > sharedStep * msToRead(assumed, time));
  if (read.length === 0) return assumed;
  const rough = fit(read, assumed, null);
  const usual = read.filter((time) => isUsual(msToRead(rough, time), time.ms));
  return 2 * usual.length < read.length ? rough : fit(usual, assumed, rough);
}

/** How far the cost is from the times to the first token of these prompts, their waits included; at most 1 for each. */
export function lossOf(cost: ReadingCost, times: readonly ReadingTime[]): number {
  return times.reduce((sum, time) => {
    const { waitedMs, ms } = time;
    return sum + Math.min(1, Math.abs(Math.log((waitedMs + msToRead(cost, time)) / (waitedMs + ms))));
  }, 0);
}

/** The middle, the lower one of two: what disturbs a prompt makes it slower. */
export function lowerMedian(values: readonly number[]): number {
  return -median(values.map((value) => -value));
}

/** The same cost on an upstream that is slower by `ratio`. */
export function scaled(cost: ReadingCost, ratio: number): ReadingCost {
  return costOf(factorsOf(cost).map((factor) => ratio * factor));
}

function isUsual(expected: number, ms: number): boolean {
  return ms <= mostOff * expected && ms * mostOff >= expected;
}

function fit(times: readonly ReadingTime[], assumed: ReadingCost, expected: ReadingCost | null): ReadingCost {
  const sums = new NonNegativeFit(typical);
  for (const time of times) sums.add(features(time), time.ms, expected && msToRead(expected, time));
  let factors: number[] = [];
  for (let turn = 0; turn < turns; turn++) factors = sums.factors(factorsOf(assumed));
  return costOf(factors);
}

function guess(times: readonly ReadingTime[]): ReadingCost {
  const token = lowerMedian(
    times.map(({ from, to, ms, writing }) => {
      const position = 1 + (from + to) / 2 / balancedPosition;
      return ms / Math.max(1, to - from) / (position + assumedSlowing * writing);
    }),
  );
  return { fixed: 0, token, before: token / balancedPosition, writer: assumedSlowing * token, reader: 0 };
}

function costOf(factors: readonly number[]): ReadingCost {
  const [fixed = 0, token = 0, before = 0, writer = 0, reader = 0] = factors;
  return { fixed, token, before, writer, reader };
}
