import { schemaBounds } from '../bounds.ts';
import type { LeftOut } from '../left-out.ts';
import type { Schema } from '../schema/schema.ts';
import type { NumberShape } from './shape.ts';
import type { Texts } from '../schema/texts.ts';
import { commonMultiples } from '../text/decimal.ts';

/** Numbers with fractions stay below this. */
const farthest = 1e15;

export interface NumberShapeOptions {
  /** See `ShapeContext`. */
  writable: boolean;
  texts: Texts;
  leftOut: LeftOut;
}

/** The shape of numbers that fit all schemas; null for none. */
export function numberShape(
  schemas: readonly Schema[],
  { writable, texts, leftOut }: NumberShapeOptions,
): NumberShape | null {
  const integer = schemas.some((schema) => schema.integer);
  const { minimum, maximum, above, below } = rangeOf(schemas, integer);
  if (minimum > maximum || (minimum === maximum && (above || below))) return null;
  const path = schemas.find((schema) => schema.minimum !== undefined || schema.maximum !== undefined)?.path ?? '';
  const shape: NumberShape = { kind: 'number', integer, minimum, maximum, path, digits: null };
  if (!writable) return shape;

  const divided = schemas.filter(({ multipleOf }) => multipleOf !== undefined);
  if (divided.length > 0) {
    const multiples = commonMultiples(divided.map(({ multipleOf = 1 }) => multipleOf));
    const digits =
      multiples === null ? 'too-large' : texts.number({ integer, minimum, maximum, above, below, multiples });
    if (digits === null) return null;
    if (digits !== 'too-large') return { ...shape, digits };
    for (const schema of divided) {
      leftOut.add(
        `${schema.path}.multipleOf`,
        'is too large for a grammar; use fewer digits or closer bounds, or leave it out',
      );
    }
  }
  if (integer && (minimum > schemaBounds.integer || maximum < -schemaBounds.integer)) {
    const place = boundOf(schemas, minimum > schemaBounds.integer);
    leftOut.add(place, `is beyond ${schemaBounds.integer}; use a bound closer to 0, or leave it out`);
    return { ...shape, minimum: -Infinity, maximum: Infinity };
  }
  if (integer || (minimum === -Infinity && maximum === Infinity)) return shape;
  const digits = texts.number({ integer, minimum, maximum, above, below, multiples: null });
  if (digits !== null && digits !== 'too-large') return { ...shape, digits };
  leftOut.add(
    boundOf(schemas, minimum >= farthest),
    `leaves no number of 15 digits below ${farthest}; use wider bounds, or leave it out`,
  );
  return { ...shape, minimum: -Infinity, maximum: Infinity };
}

/** The path of a bound: the lower one, or the upper one if there is one. */
function boundOf(schemas: readonly Schema[], lower: boolean): string {
  const lows = ['exclusiveMinimum', 'minimum'] as const;
  const highs = ['exclusiveMaximum', 'maximum'] as const;
  for (const keyword of lower ? [...lows, ...highs] : [...highs, ...lows]) {
    const schema = schemas.find((one) => one[keyword] !== undefined);
    if (schema !== undefined) return `${schema.path}.${keyword}`;
  }
  return '';
}

/** The closest of all bounds. For integers the bounds are inclusive. */
function rangeOf(schemas: readonly Schema[], integer: boolean) {
  const lows = schemas.flatMap(({ minimum, exclusiveMinimum }) => [
    { at: minimum ?? -Infinity, out: false },
    { at: exclusiveMinimum ?? -Infinity, out: exclusiveMinimum !== undefined },
  ]);
  const highs = schemas.flatMap(({ maximum, exclusiveMaximum }) => [
    { at: maximum ?? Infinity, out: false },
    { at: exclusiveMaximum ?? Infinity, out: exclusiveMaximum !== undefined },
  ]);
  const minimum = Math.max(-Infinity, ...lows.map(({ at }) => at));
  const maximum = Math.min(Infinity, ...highs.map(({ at }) => at));
  const above = lows.some(({ at, out }) => out && at === minimum);
  const below = highs.some(({ at, out }) => out && at === maximum);
  if (!integer) return { minimum, maximum, above, below };
  // Beyond exact integers, adding one changes nothing, so the bound itself is used.
  return {
    minimum: above ? Math.floor(minimum) + 1 : Math.ceil(minimum),
    maximum: below ? Math.ceil(maximum) - 1 : Math.floor(maximum),
    above: false,
    below: false,
  };
}
