import { schemaBounds } from '../bounds.ts';
import { charClass, type GbnfRules } from '../gbnf-rules.ts';
import { refuse } from '../refuse.ts';

/** The largest number of 15 digits, which every parser reads exactly: the end of an open range. */
const farthest = 10n ** 15n - 1n;

/** An integer from `minimum` to `maximum`, without fraction and exponent. The bounds may be infinite and fractions. */
export function defineInteger(rules: GbnfRules, minimum: number, maximum: number, path: string): string {
  const reach = BigInt(schemaBounds.integer);
  for (const [keyword, bound] of [
    ['minimum', minimum],
    ['maximum', -maximum],
  ] as const) {
    if (bound <= schemaBounds.integer) continue;
    throw refuse(`${path}.${keyword}`, `is beyond ${schemaBounds.integer}; use a bound closer to 0, or leave it out`);
  }
  // A bound beyond this value is replaced by it.
  const low = minimum === -Infinity ? null : BigInt(Math.ceil(Math.max(minimum, -schemaBounds.integer)));
  const high = maximum === Infinity ? null : BigInt(Math.floor(Math.min(maximum, schemaBounds.integer)));
  // An open end reaches as far as exact numbers, or beyond a far bound at the other end.
  const from = low ?? (high !== null && high < -farthest ? -reach : -farthest);
  const to = high ?? (low !== null && low > farthest ? reach : farthest);
  const ways: string[] = [];
  if (from < 0n) ways.push(`"-" ${group(upFrom(to < 0n ? -to : 1n, -from))}`);
  if (to >= 0n) ways.push(...upFrom(from > 0n ? from : 0n, to));
  return rules.define('integer', ways.join(' | '));
}

/** Alternatives for the numbers from `low` to `high`, neither of them negative. */
function upFrom(low: bigint, high: bigint): string[] {
  const ways: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits++) {
    const least = digits === 1 ? 0n : 10n ** BigInt(digits - 1);
    const most = 10n ** BigInt(digits) - 1n;
    ways.push(sameLength(String(low > least ? low : least), String(high < most ? high : most)));
  }
  return ways;
}

/** Numbers between two of the same length, digit by digit. */
function sameLength(low: string, high: string): string {
  const rest = low.length - 1;
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(low.length);
  const [first, last] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (first === last) return sequence(digit(first, last), group([sameLength(lowRest, highRest)]));
  const fromZero = /^0*$/.test(lowRest);
  const toNine = /^9*$/.test(highRest);
  const ways: string[] = [];
  if (!fromZero) ways.push(sequence(digit(first, first), group([sameLength(lowRest, '9'.repeat(rest))])));
  const [from, to] = [fromZero ? first : first + 1, toNine ? last : last - 1];
  if (from <= to) ways.push(sequence(digit(from, to), anyDigits(rest)));
  if (!toNine) ways.push(sequence(digit(last, last), group([sameLength('0'.repeat(rest), highRest)])));
  return ways.join(' | ');
}

function digit(first: number, last: number): string {
  return charClass([[0x30 + first, 0x30 + last]]);
}

function anyDigits(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '[0-9]' : `[0-9]{${count}}`;
}

function sequence(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function group(ways: readonly string[]): string {
  const body = ways.join(' | ');
  return body.includes('|') ? `(${body})` : body;
}
