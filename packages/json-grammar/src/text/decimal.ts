/** A decimal number: its whole part and its fraction without trailing zeros. */
export interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

/** The shortest decimal that parses to this number. */
export function decimal(value: number): Decimal {
  const [, sign, first = '', more = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const shift = Number(exponent);
  const digits = first + more;
  const point = first.length + shift;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return {
    negative: sign === '-',
    whole: padded.slice(0, at).replace(/^0+(?=\d)/, ''),
    fraction: padded.slice(at).replace(/0+$/, ''),
  };
}

/** Multiples of `of` / 10^`digits`, as `multipleOf` requires. */
export interface Multiples {
  of: number;
  digits: number;
}

/** The common multiples of all these numbers; null where they have too many digits. */
export function commonMultiples(values: readonly number[]): Multiples | null {
  const parts = values.map(decimal);
  const digits = Math.max(...parts.map(({ fraction }) => fraction.length));
  if (digits > mostFraction) return null;
  const whole = parts.map((part) => BigInt(part.whole + part.fraction.padEnd(digits, '0')));
  const of = whole.reduce((one, two) => (one * two) / greatestDivisor(one, two));
  return of <= BigInt(Number.MAX_SAFE_INTEGER) ? { of: Number(of), digits } : null;
}

const mostFraction = 9;

function greatestDivisor(one: bigint, two: bigint): bigint {
  return two === 0n ? one : greatestDivisor(two, one % two);
}
