import { isRecord, literal, repeat } from '@headway/json-grammar';
import { jsonRules } from './json-rules.ts';
import { textUntil } from './text-until.ts';
import { untilMark } from './until-mark.ts';
import { writeProperties } from './write-properties.ts';

/** Values below this depth may be anything. */
export const mostLevels = 8;

/** Rules for a value with bare keys that fits its schema, where that gives a type; the first rule is called `name`. */
export function writeBareValue(name: string, quote: string, schema: unknown, level = 0): string {
  const { type, enum: choices, properties, items } = isRecord(schema) ? schema : {};
  if (Array.isArray(choices) && choices.every((choice) => !isRecord(choice) && !Array.isArray(choice))) {
    const written = choices.map((choice) =>
      literal(typeof choice === 'string' ? quote + choice + quote : JSON.stringify(choice)),
    );
    return `${name} ::= ${written.join(' | ')}\n`;
  }
  if (type === 'string')
    return `${name} ::= ${literal(quote)} ${name}-rest\n${textUntil(`${name}-rest`, quote, schema)}`;
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'null')
    return `${name} ::= ${name}-root\n${jsonRules(schema, `${name}-`)}`;
  if (level < mostLevels && type === 'object' && isRecord(properties)) {
    const value = (item: string, key: string, property: unknown) =>
      `${item} ::= ${literal(`${key}:`)} ${item}-value\n${writeBareValue(`${item}-value`, quote, property, level + 1)}`;
    return `${name} ::= ${literal('{')} ${name}-first-0 ${literal('}')}\n${writeProperties(name, ',', schema, value)}`;
  }
  if (level < mostLevels && type === 'array' && items !== undefined)
    return writeList(name, schema) + writeBareValue(`${name}-item`, quote, items, level + 1);
  return anyBareValue(name, quote, type === 'object');
}

function writeList(name: string, schema: unknown): string {
  const { minItems, maxItems } = isRecord(schema) ? schema : {};
  const least = typeof minItems === 'number' ? minItems : 0;
  const most = typeof maxItems === 'number' ? Math.max(least, maxItems) : Infinity;
  if (most === 0) return `${name} ::= "[]"\n`;
  const rest = most === 1 ? '' : ` ${repeat(`${name}-another`, Math.max(0, least - 1), most - 1)}`;
  const whole = `"[" ${name}-item${rest} "]"`;
  return `${name} ::= ${least === 0 ? `"[]" | ${whole}` : whole}\n${name}-another ::= "," ${name}-item\n`;
}

function anyBareValue(name: string, quote: string, isObject: boolean): string {
  return [
    isObject ? `${name} ::= ${name}-object\n` : `${name} ::= ${name}-value\n`,
    `${name}-value ::= ${name}-text | ${name}-scalar | ${name}-list | ${name}-object\n`,
    `${name}-fraction ::= "." [0-9]{1,15}\n`,
    `${name}-scalar ::= "true" | "false" | "null" | "-"? ("0" | [1-9] [0-9]{0,14}) ${name}-fraction?\n`,
    `${name}-another ::= "," ${name}-value\n`,
    `${name}-list ::= "[]" | "[" ${name}-value ${name}-another* "]"\n`,
    `${name}-pair ::= [A-Za-z0-9] [A-Za-z0-9-]* ":" ${name}-value\n`,
    `${name}-pairs ::= "," ${name}-pair\n`,
    `${name}-object ::= "{}" | "{" ${name}-pair ${name}-pairs* "}"\n`,
    `${name}-text ::= ${literal(quote)} ${name}-rest\n${untilMark(`${name}-rest`, quote)}`,
  ].join('');
}
