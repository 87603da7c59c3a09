import { charClass, isRecord, literal, repeat, schemaBounds } from '@headway/json-grammar';
import { gapsOf, untilMark } from './until-mark.ts';

/**
 * Rules for a text that fits its schema's length, and the mark behind it; the first is called `name`. A text that is
 * counted does without the character that the mark's first word begins with.
 */
export function textUntil(name: string, mark: string, schema: unknown): string {
  const { minLength, maxLength } = isRecord(schema) ? schema : {};
  const least = typeof minLength === 'number' && minLength <= schemaBounds.repetition ? minLength : 0;
  const most = typeof maxLength === 'number' && maxLength <= schemaBounds.repetition ? maxLength : Infinity;
  if (least === 0 && most === Infinity) return untilMark(name, mark);
  const others = charClass(gapsOf([mark.trim().codePointAt(0) ?? 0]));
  return `${name} ::= ${repeat(others, least, Math.max(least, most))} ${literal(mark)}\n`;
}
