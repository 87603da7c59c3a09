import type { LeftOut } from './left-out.ts';
import type { Schema } from './schema.ts';
import type { NumberShape } from './shape.ts';
import type { State } from './text/automaton.ts';
import { commonMultiples } from './text/decimal.ts';
import { LanguageTooLarge } from './text/language.ts';
import { numberAutomaton, type NumberBounds } from './text/number-automaton.ts';

/** Numbers with fractions are written below this. */
const farthest = 1e15;

export interface NumberShapeOptions {
  /** See `ShapeContext`. */
  writable: boolean;
  leftOut: LeftOut;
}

/** The shape of numbers that fit all schemas; null for none. */
export function numberShape(schemas: readonly Schema[], { writable, leftOut }: NumberShapeOptions): NumberShape | null {
  const integer = schemas.some((schema) => schema.integer);
  const { minimum, maximum, above, below } = rangeOf(schemas, integer);
  if (minimum > maximum || (minimum === maximum && (above || below))) return null;
  const path = schemas.find((schema) => schema.minimum !== undefined || schema.maximum !== undefined)?.path ?? '';
  const shape: NumberShape = { kind: 'number', integer, minimum, maximum, path, digits: null };
  if (!writable) return shape;

  const divided = schemas.filter(({ multipleOf }) => multipleOf !== undefined);
  if (divided.length > 0) {
    const multiples = commonMultiples(divided.map(({ multipleOf = 1 }) => multipleOf));
    const digits = multiples === null ? 'too-large' : within({ integer, minimum, maximum, above, below, multiples });
    if (digits === null) return null;
    if (digits !== 'too-large') return { ...shape, digits };
    for (const schema of divided) {
      leftOut.add(
        `${schema.path}.multipleOf`,
        'is too much for a grammar; use one of few digits, closer bounds, or leave it out',
      );
    }
  }
  if (integer || (minimum === -Infinity && maximum === Infinity)) return shape;
  const digits = within({ integer, minimum, maximum, above, below, multiples: null });
  if (digits !== null && digits !== 'too-large') return { ...shape, digits };
  const far = minimum >= farthest ? 'minimum' : 'maximum';
  leftOut.add(`${path}.${far}`, `leaves no number below ${farthest}; use bounds closer to 0, or leave it out`);
  return { ...shape, minimum: -Infinity, maximum: Infinity };
}

/** Of all bounds the closest; integers have none that is out itself. */
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
  // Beyond exact integers one more is none more; the bound itself is as good there.
  return {
    minimum: above ? Math.floor(minimum) + 1 : Math.ceil(minimum),
    maximum: below ? Math.ceil(maximum) - 1 : Math.floor(maximum),
    above: false,
    below: false,
  };
}

function within(bounds: NumberBounds): State | null | 'too-large' {
  try {
    return numberAutomaton(bounds);
  } catch (thrown) {
    if (thrown instanceof LanguageTooLarge) return 'too-large';
    throw thrown;
  }
}
