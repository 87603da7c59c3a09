import { isHeadwayError } from '@headway/protocol';

import { compileJsonGrammar } from '../../../json-grammar/compile-json-grammar.ts';
import { schemaBounds } from '../../../json-grammar/bounds.ts';
import { charClass, literal } from '../../../json-grammar/gbnf-rules.ts';
import { isRecord } from '../../../json-grammar/json-value.ts';
import type { ArgumentsForm } from './call-form.ts';
import { prefixRules } from './prefix-rules.ts';
import { untilMark } from './until-mark.ts';

export interface GrammarTool {
  name: string;
  /** A grammar of the arguments as JSON, from its rule `root` on. */
  argumentsRoot: string;
  /** The schema of the arguments, for forms that do not write them as one JSON object. */
  parameters?: unknown;
}

type PartedForm = Exclude<ArgumentsForm, { kind: 'json' | 'bare-keys' }>;

/** Rules for the arguments of a tool; the first is called `name`, and all others begin with it. */
export function writeArguments(name: string, form: ArgumentsForm, tool: GrammarTool): string {
  if (form.kind === 'json') return `${name} ::= ${name}-root\n${prefixRules(tool.argumentsRoot, `${name}-`)}`;
  if (form.kind === 'bare-keys') return bareValue(name, form.quote, { type: 'object', ...asRecord(tool.parameters) });
  const separator = form.kind === 'tagged' ? form.separator : ', ';
  return writeChain(name, tool.parameters, {
    separator,
    item: (item, key, property) => writeArgument(item, form, key, property),
  });
}

interface ChainOptions {
  separator: string;
  /** Rules for one property with its key; the first is called `item`. */
  item: (item: string, key: string, schema: unknown) => string;
}

/** Rules for the properties of an object in their order, those away that may be. */
function writeChain(name: string, schema: unknown, { separator, item: write }: ChainOptions): string {
  const { properties, required } = asRecord(schema);
  const all = Object.entries(asRecord(properties));
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const between = separator === '' ? '' : `${literal(separator)} `;
  // One chain before anything is written, and one after, so that separators stand between arguments only.
  const lines = [`${name} ::= ${name}-first-0\n`];
  for (const [at, [key, property]] of all.entries()) {
    const item = `${name}-item-${at}`;
    const next = at + 1;
    const skip = (chain: string): string => (needed.has(key) ? '' : ` | ${name}-${chain}-${next}`);
    lines.push(
      `${name}-first-${at} ::= ${item} ${name}-more-${next}${skip('first')}\n`,
      `${name}-more-${at} ::= ${between}${item} ${name}-more-${next}${skip('more')}\n`,
      write(item, key, property),
    );
  }
  return [...lines, `${name}-first-${all.length} ::= ""\n`, `${name}-more-${all.length} ::= ""\n`].join('');
}

function writeArgument(name: string, form: PartedForm, key: string, schema: unknown): string {
  switch (form.kind) {
    case 'pythonic':
      return `${name} ::= ${literal(`${key}=`)} ${name}-root\n${jsonRules(schema, `${name}-`)}`;
    case 'tagged': {
      const text = isRecord(schema) && schema.type === 'string' && schema.enum === undefined;
      const lead = form.keyOpen + key + (text ? form.valueOpen : (form.jsonValueOpen ?? form.valueOpen));
      if (text)
        return `${name} ::= ${literal(lead)} ${name}-text\n${textUntil(`${name}-text`, form.valueClose, schema)}`;
      const choices = isRecord(schema) && Array.isArray(schema.enum) ? schema.enum : [];
      if (choices.length > 0 && choices.every((choice) => typeof choice === 'string')) {
        const written = choices.map((choice) => literal(choice)).join(' | ');
        return `${name} ::= ${literal(form.keyOpen + key + form.valueOpen)} (${written}) ${literal(form.valueClose)}\n`;
      }
      return `${name} ::= ${literal(lead)} ${name}-root ${literal(form.valueClose)}\n${jsonRules(schema, `${name}-`)}`;
    }
    default:
      return form satisfies never;
  }
}

/**
 * Rules for a text up to a mark, and the mark. One whose length the schema bounds has no character that the mark begins
 * with, so that what is counted is what is read.
 */
function textUntil(name: string, mark: string, schema: unknown): string {
  const { minLength = 0, maxLength = schemaBounds.repetition + 1 } = asRecord(schema);
  const counted = [minLength, maxLength].every(
    (length) => typeof length === 'number' && length <= schemaBounds.repetition,
  );
  if (!counted) return untilMark(name, mark);
  const first = mark.trimStart().codePointAt(0) ?? 0;
  const others = charClass([
    [1, first - 1],
    [first + 1, 0x10_ff_ff],
  ]);
  return `${name} ::= ${others}{${Number(minLength)},${Number(maxLength)}} ${literal(mark)}\n`;
}

/** A value with bare keys, as the schema has it; the first rule is called `name`. */
function bareValue(name: string, quote: string, schema: unknown): string {
  const { type, enum: choices, properties, items } = asRecord(schema);
  if (Array.isArray(choices) && choices.every((choice) => typeof choice === 'string')) {
    const written = choices.map((choice) => literal(quote + choice + quote)).join(' | ');
    return `${name} ::= ${written}\n`;
  }
  if (Array.isArray(choices) || ['integer', 'number', 'boolean', 'null'].includes(String(type))) {
    return `${name} ::= ${name}-root\n${jsonRules(schema, `${name}-`)}`;
  }
  if (type === 'string')
    return `${name} ::= ${literal(quote)} ${name}-rest\n${textUntil(`${name}-rest`, quote, schema)}`;
  if (type === 'array' && items !== undefined) {
    const { minItems } = asRecord(schema);
    const none = minItems === undefined || minItems === 0 ? ' | "[]"' : '';
    const list = `${name} ::= "[" ${name}-each ${name}-next* "]"${none}\n${name}-next ::= "," ${name}-each\n`;
    return list + bareValue(`${name}-each`, quote, items);
  }
  if (type === 'object' && properties !== undefined) {
    const chain = writeChain(`${name}-pairs`, schema, {
      separator: ',',
      item: (item, key, property) =>
        `${item} ::= ${literal(`${key}:`)} ${item}-value\n${bareValue(`${item}-value`, quote, property)}`,
    });
    return `${name} ::= "{" ${name}-pairs "}"\n${chain}`;
  }
  return anyBareValue(name, quote, type === 'object');
}

function anyBareValue(name: string, quote: string, isObject: boolean): string {
  return [
    isObject
      ? `${name} ::= ${name}-object\n`
      : `${name} ::= ${literal(quote)} ${name}-rest | ${name}-scalar | ${name}-list | ${name}-object\n`,
    `${name}-fraction ::= "." [0-9]{1,15}\n`,
    `${name}-scalar ::= "true" | "false" | "null" | "-"? ("0" | [1-9] [0-9]{0,14}) ${name}-fraction?\n`,
    `${name}-value ::= ${literal(quote)} ${name}-rest | ${name}-scalar | ${name}-list | ${name}-object\n`,
    `${name}-another ::= "," ${name}-value\n`,
    `${name}-list ::= "[]" | "[" ${name}-value ${name}-another* "]"\n`,
    `${name}-pair ::= [A-Za-z0-9] [A-Za-z0-9-]* ":" ${name}-value\n`,
    `${name}-more ::= "," ${name}-pair\n`,
    `${name}-object ::= "{}" | "{" ${name}-pair ${name}-more* "}"\n`,
    untilMark(`${name}-rest`, quote),
  ].join('');
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** The grammar of a value; a schema that is too much for one, or stands on others, allows any. */
function jsonRules(schema: unknown, prefix: string): string {
  try {
    return prefixRules(compileJsonGrammar(schema, { lenient: true }).gbnf, prefix);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return prefixRules(compileJsonGrammar(true).gbnf, prefix);
  }
}
