import { charClass, isRecord, literal, repeat, schemaBounds } from '@headway/json-grammar';
import { gapsOf, untilMark } from './until-mark.ts';

/**
 * Rules for a text of the schema's length and the mark after it; the first rule is called `name`. A text with a length
 * limit cannot contain the first character of the mark's first word.
 */
export function textUntil(name: string, mark: string, schema: unknown): string {
  const { minLength, maxLength } = isRecord(schema) ? schema : {};
  const least = typeof minLength === 'number' && minLength <= schemaBounds.repetition ? minLength : 0;
  const most = typeof maxLength === 'number' && maxLength <= schemaBounds.repetition ? maxLength : Infinity;
  if (least === 0 && most === Infinity) return untilMark(name, mark);
  const others = charClass(gapsOf([mark.trim().codePointAt(0) ?? 0]));
  return `${name} ::= ${repeat(others, least, Math.max(least, most))} ${literal(mark)}\n`;
}
