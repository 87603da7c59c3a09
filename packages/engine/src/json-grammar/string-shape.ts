import { formatLength, type Format } from './formats.ts';
import type { LeftOut } from './left-out.ts';
import type { Schema } from './schema.ts';
import type { StringShape } from './shape.ts';
import type { Texts } from './texts.ts';
import type { Language } from './text/language.ts';

export interface StringShapeOptions {
  minLength: number;
  maxLength: number;
  /** See `ShapeContext`. */
  writable: boolean;
  texts: Texts;
  leftOut: LeftOut;
}

interface Claim {
  language: Language | null;
  /** The keyword that it comes from. */
  path: string;
  format?: Format;
}

const tooMuch = 'is too much for a grammar with what stands beside it; write it shorter, or leave one of them out';

/** No two of these have a text in common. */
const apart: ReadonlySet<Format> = new Set(['date', 'time', 'date-time']);

/** The shape of strings that fit all formats and patterns; null for none. */
export function stringShape(
  schemas: readonly Schema[],
  { minLength: least, maxLength: most, writable, texts, leftOut }: StringShapeOptions,
): StringShape | null {
  const named = new Map(schemas.flatMap(({ format, path }) => (format === undefined ? [] : [[format, path] as const])));
  if ([...named.keys()].filter((format) => apart.has(format)).length > 1) return null;
  const lengths = [...named.keys()].flatMap((format) => (formatLength[format] ? [formatLength[format]] : []));
  const minLength = Math.max(least, ...lengths.map(([shortest]) => shortest));
  const maxLength = Math.min(most, ...lengths.map(([, longest]) => longest));
  if (minLength > maxLength) return null;
  const patterns = schemas.flatMap(({ pattern, path }): Claim[] =>
    pattern === undefined ? [] : [{ language: pattern, path: `${path}.pattern` }],
  );
  const ofFormats = [...named].map(([format, path]): Claim => ({
    language: texts.format(format),
    path: `${path}.format`,
    format,
  }));
  const bare: StringShape = { kind: 'string', minLength, maxLength, text: null };
  const length = minLength > 0 || maxLength < Infinity ? [texts.ofLength(minLength, maxLength)] : [];
  const written = (claims: readonly Claim[]) => {
    const all = [...claims.map(({ language }) => language), ...length];
    return all.every((language) => language !== null) ? texts.automaton(all) : 'too-large';
  };

  // All that fits and perhaps more: formats are written with less than fits them.
  if (!writable) return patterns.length > 0 && written(patterns) === null ? null : bare;

  // What is left out first is what other ways are there for to keep.
  const attempts = [[...ofFormats, ...patterns], patterns, ofFormats];
  for (const [at, claims] of attempts.entries()) {
    if (claims.length === 0) continue;
    const text = written(claims);
    const missing = [...ofFormats, ...patterns].filter((claim) => !claims.includes(claim));
    if (text === null) {
      // A pattern may ask for what a format has and is not written with.
      if (at === 0 && ofFormats.length > 0 && patterns.length > 0 && !leftOut.strict) continue;
      return null;
    }
    if (text === 'too-large') {
      leftOut.add(claims.at(-1)?.path ?? '', tooMuch);
      continue;
    }
    for (const { path } of missing) leftOut.add(path, tooMuch);
    return { ...bare, text };
  }
  for (const { path } of [...ofFormats, ...patterns]) leftOut.add(path, tooMuch);
  return bare;
}
