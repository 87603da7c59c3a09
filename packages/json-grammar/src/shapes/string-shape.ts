import { formatLength, type Format } from '../schema/formats.ts';
import type { LeftOut } from '../left-out.ts';
import type { Schema } from '../schema/schema.ts';
import type { StringShape } from './shape.ts';
import type { Texts } from '../schema/texts.ts';
import type { Language } from '../text/language.ts';

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
  /** The path of its keyword. */
  path: string;
  format?: Format;
}

const tooMuch = 'is too large for a grammar with the keywords next to it; shorten it, or remove one of them';

/** Formats of which no two have a common text. */
const disjoint: ReadonlySet<Format> = new Set(['date', 'time', 'date-time']);

/** The shape of strings that fit all formats and patterns; null for none. */
export function stringShape(
  schemas: readonly Schema[],
  { minLength: least, maxLength: most, writable, texts, leftOut }: StringShapeOptions,
): StringShape | null {
  const named = new Map(schemas.flatMap(({ format, path }) => (format === undefined ? [] : [[format, path] as const])));
  if ([...named.keys()].filter((format) => disjoint.has(format)).length > 1) return null;
  const natural = [...named.keys()].flatMap((format) => formatLength[format] ?? []);
  const minLength = Math.max(least, ...natural.filter((_, at) => at % 2 === 0));
  const maxLength = Math.min(most, ...natural.filter((_, at) => at % 2 === 1));
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
  const lengths = claimsOfLength(schemas, minLength > 0 || maxLength < Infinity);
  const written = (claims: readonly Claim[], long: boolean) => {
    const all = claims.map(({ language }) => language);
    if (long && lengths.length > 0) all.push(texts.ofLength(minLength, maxLength));
    return all.every((language) => language !== null) ? texts.automaton(all) : 'too-large';
  };

  // Formats are written narrower than they are valid, so only patterns can rule all texts out.
  if (!writable) return patterns.length > 0 && written(patterns, true) === null ? null : bare;

  const claims = [...ofFormats, ...patterns];
  if (claims.length === 0) return bare;
  // The most valuable combination comes first. Without an automaton, the length alone can still be kept.
  const attempts = [
    { kept: claims, long: true },
    { kept: claims, long: false },
    { kept: patterns, long: true },
    { kept: patterns, long: false },
    { kept: ofFormats, long: true },
    { kept: ofFormats, long: false },
  ];
  for (const { kept, long } of attempts) {
    if (kept.length === 0 || (!long && lengths.length === 0)) continue;
    const text = written(kept, long);
    if (text === null) {
      // A pattern may need texts of the format that the grammar does not write.
      if (kept === claims && ofFormats.length > 0 && patterns.length > 0 && !leftOut.strict) continue;
      return null;
    }
    if (text === 'too-large') {
      if (leftOut.strict) leftOut.add(claims.at(-1)?.path ?? '', tooMuch);
      continue;
    }
    const missing = claims.filter((claim) => !kept.includes(claim));
    for (const { path } of long ? missing : [...missing, ...lengths]) leftOut.add(path, tooMuch);
    return { ...bare, text };
  }
  for (const { path } of claims) leftOut.add(path, tooMuch);
  return bare;
}

/** The keywords that bound the length, if any. */
function claimsOfLength(schemas: readonly Schema[], any: boolean): { path: string }[] {
  if (!any) return [];
  return schemas.flatMap(({ path, minLength, maxLength }) => [
    ...(minLength === undefined ? [] : [{ path: `${path}.minLength` }]),
    ...(maxLength === undefined ? [] : [{ path: `${path}.maxLength` }]),
  ]);
}
