import { fullFormats } from 'ajv-formats/dist/formats.js';

export const formats = [
  'date',
  'time',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uuid',
  'byte',
] as const;

export type Format = (typeof formats)[number];

export function isFormat(name: unknown): name is Format {
  return formats.some((format) => format === name);
}

/** Whether the validator (ajv) knows a format. */
export function isJudged(name: string): boolean {
  return Object.hasOwn(fullFormats, name);
}

/** Ranges of OpenAPI's number formats, all of integers. */
export const numberFormats: ReadonlyMap<unknown, readonly [minimum: number, maximum: number]> = new Map([
  ['int32', [-(2 ** 31), 2 ** 31 - 1]],
  ['int64', [-Infinity, Infinity]],
]);

/** Formats that do not constrain a value. */
export const looseFormats: ReadonlySet<unknown> = new Set(['float', 'double', 'password', 'binary']);

/** Longer texts are not checked, as some of these expressions are slow. */
const longestJudged = 2_048;

/** Whether ajv accepts a string as a format, which is wider than what the grammar writes. */
export function hasFormat(text: string, format: Format): boolean {
  if (text.length > longestJudged) return true;
  const known = fullFormats[format];
  if (known instanceof RegExp) return known.test(text);
  if (typeof known === 'function') return known(text);
  if (typeof known !== 'object' || !('validate' in known)) return true;
  const { validate } = known;
  if (validate instanceof RegExp) return validate.test(text);
  return typeof validate !== 'function' || (validate as (text: string) => boolean)(text);
}

/** The fewest and the most characters that a validator accepts in a format. */
export const formatLength: Readonly<Partial<Record<Format, readonly [least: number, most: number]>>> = {
  date: [10, 10],
  time: [9, Infinity],
  'date-time': [20, Infinity],
};
