import { automaton, type State } from './automaton.ts';
import { decimal, type Decimal, type Multiples } from './decimal.ts';

/** Digits without leading zeros: every parser reads that many exactly. */
const mostDigits = 15;

export interface NumberBounds {
  integer: boolean;
  /** May be infinite. */
  minimum: number;
  maximum: number;
  /** Whether the bound itself is excluded. */
  above: boolean;
  below: boolean;
  multiples: Multiples | null;
}

/** A bound without its sign. */
interface Limit extends Decimal {
  /** Whether the number may equal it. */
  included: boolean;
}

interface Range {
  low: Limit | null;
  high: Limit | null;
}

/** A position within a number. */
interface At {
  part: 'start' | 'sign' | 'zero' | 'whole' | 'point' | 'fraction';
  range: Range;
  /** Digits of this part so far. */
  place: number;
  /** Digits that may still follow. */
  left: number;
  /** How the digits so far compare with as many of each bound's: -1, 0 or 1. */
  low: number;
  high: number;
  /** Remainder of the digits so far, divided by the multiple. */
  over: number;
}

/**
 * The automaton of all numbers within bounds, without exponents and with few enough digits; null for none.
 *
 * @throws LanguageTooLarge
 */
export function numberAutomaton({ integer, minimum, maximum, above, below, multiples }: NumberBounds): State | null {
  const limit = (value: number, included: boolean): Limit | null =>
    Number.isFinite(value) ? { ...decimal(value), included } : null;
  // Zero has no sign.
  const negative = {
    low: maximum < 0 ? limit(-maximum, !below) : limit(0, false),
    high: minimum < 0 ? limit(-minimum, !above) : null,
  };
  const positive = {
    low: minimum > 0 || (minimum === 0 && above) ? limit(minimum, !above) : null,
    high: limit(maximum, !below),
  };
  const { of = 1, digits: scale = 0 } = multiples ?? {};
  const mostFraction = integer ? 0 : multiples === null ? mostDigits : scale;
  const mayBePositive = maximum > 0 || (maximum === 0 && !below);
  const left = multiples === null ? mostDigits : mostDigits - mostFraction;
  const nowhere: At = { part: 'start', range: positive, place: 0, left, low: 0, high: 0, over: 0 };

  const ends = ({ part, range, place, low, high, over }: At): boolean => {
    if (part !== 'zero' && part !== 'whole' && part !== 'fraction') return false;
    const fraction = part === 'fraction' ? place : 0;
    if (multiples !== null && (over * 10 ** (scale - fraction)) % of !== 0) return false;
    const whole = part === 'fraction' ? null : place;
    return isInRange(range, whole, fraction, low, high);
  };

  const digit = (at: At, value: number): At => {
    const { part, range, place, left } = at;
    const inFraction = part === 'point' || part === 'fraction';
    const compare = (limitOf: Limit | null, before: number): number => {
      if (limitOf === null || before !== 0) return before;
      const other = inFraction ? Number(limitOf.fraction[place] ?? 0) : Number(limitOf.whole[place] ?? value);
      return Math.sign(value - other);
    };
    const leadingZero = part === 'start' || part === 'sign' ? value === 0 : false;
    return {
      part: inFraction ? 'fraction' : leadingZero ? 'zero' : 'whole',
      range,
      place: place + 1,
      // With multiples, digits are reserved for the fraction.
      left: leadingZero || (inFraction && multiples !== null) ? left : left - 1,
      low: compare(range.low, at.low),
      high: compare(range.high, at.high),
      over: multiples === null ? 0 : (at.over * 10 + value) % of,
    };
  };

  const moves = (at: At): (readonly [ranges: readonly (readonly [number, number])[], to: At])[] => {
    const { part, left, place } = at;
    const next: [ranges: readonly (readonly [number, number])[], to: At][] = [];
    const mayHaveDigit =
      part === 'fraction' ? place < mostFraction : part === 'start' ? mayBePositive : part !== 'zero';
    if (mayHaveDigit && (left > 0 || (multiples !== null && (part === 'point' || part === 'fraction')))) {
      for (let value = 0; value <= 9; value++) next.push([[[0x30 + value, 0x30 + value]], settled(digit(at, value))]);
    }
    if (part === 'start' && minimum < 0) next.push([[[0x2d, 0x2d]], { ...at, part: 'sign', range: negative }]);
    if ((part === 'zero' || part === 'whole') && mostFraction > 0 && (left > 0 || multiples !== null)) {
      const { range } = at;
      const [low, high] = [wholeCompared(range.low, at.low, place), wholeCompared(range.high, at.high, place)];
      const point: At = { ...at, part: 'point', place: 0, low, high };
      next.push([[[0x2e, 0x2e]], multiples === null ? point : { ...point, left: 0 }]);
    }
    return next.filter(([, to]) => mayFit(to));
  };

  return automaton({
    start: nowhere,
    keyOf: ({ part, range, place, left, low, high, over }) => {
      const decided = (range.low === null || low !== 0) && (range.high === null || high !== 0);
      const counted = part !== 'fraction' || multiples !== null || !decided;
      return [part, range === negative, counted ? place : '', left, low, high, over].join();
    },
    ends,
    moves,
  });
}

/** A number with more digits than the lower bound exceeds it. */
function settled(at: At): At {
  const { low } = at.range;
  return low !== null && at.part === 'whole' && at.place > low.whole.length ? { ...at, low: 1 } : at;
}

/** Whether the digits so far can still lead to a number within the bounds. */
function mayFit({ part, range: { low, high }, place, low: toLow, high: toHigh }: At): boolean {
  if (part === 'point' || part === 'fraction') return !(low !== null && toLow < 0) && !(high !== null && toHigh > 0);
  if (high === null || part === 'start' || part === 'sign') return true;
  return place < high.whole.length || (place === high.whole.length && toHigh <= 0);
}

/** Compares a whole part of this many digits with a bound's, given how their common digits compare. */
function wholeCompared(limit: Limit | null, compared: number, digits: number): number {
  if (limit === null) return 0;
  return digits === limit.whole.length ? compared : Math.sign(digits - limit.whole.length);
}

/** `whole`: digits of a number without a fraction. */
function isInRange({ low, high }: Range, whole: number | null, fraction: number, toLow: number, toHigh: number) {
  const compared = (limit: Limit, before: number): number => {
    const so = whole === null ? before : wholeCompared(limit, before, whole);
    // Equal so far; the bound's further digits make the number less.
    return so === 0 && limit.fraction.length > fraction ? -1 : so;
  };
  if (low !== null && compared(low, toLow) < (low.included ? 0 : 1)) return false;
  return high === null || compared(high, toHigh) <= (high.included ? 0 : -1);
}
