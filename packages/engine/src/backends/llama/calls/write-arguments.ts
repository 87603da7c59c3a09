import { isHeadwayError } from '@headway/protocol';

import { compileJsonGrammar } from '../../../json-grammar/compile-json-grammar.ts';
import { literal } from '../../../json-grammar/gbnf-rules.ts';
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

type PartedForm = Exclude<ArgumentsForm, { kind: 'json' }>;

/** Rules for the arguments of a tool; the first is called `name`, and all others begin with it. */
export function writeArguments(name: string, form: ArgumentsForm, tool: GrammarTool): string {
  if (form.kind === 'json') return `${name} ::= ${name}-root\n${prefixRules(tool.argumentsRoot, `${name}-`)}`;
  const schema = isRecord(tool.parameters) ? tool.parameters : {};
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const separator = form.kind === 'tagged' ? form.separator : { pythonic: ', ', 'bare-keys': ',' }[form.kind];
  const between = separator === '' ? '' : `${literal(separator)} `;
  const lines: string[] = [];
  // One chain before anything is written, and one after, so that separators stand between arguments only.
  const [open, close] = form.kind === 'bare-keys' ? [`${literal('{')} `, ` ${literal('}')}`] : ['', ''];
  lines.push(`${name} ::= ${open}${name}-first-0${close}\n`);
  for (const [at, [key, property]] of properties.entries()) {
    const item = `${name}-item-${at}`;
    const next = at + 1;
    const skip = (chain: string): string => (required.has(key) ? '' : ` | ${name}-${chain}-${next}`);
    lines.push(
      `${name}-first-${at} ::= ${item} ${name}-more-${next}${skip('first')}\n`,
      `${name}-more-${at} ::= ${between}${item} ${name}-more-${next}${skip('more')}\n`,
      writeArgument(item, form, key, property),
    );
  }
  lines.push(`${name}-first-${properties.length} ::= ""\n`);
  lines.push(`${name}-more-${properties.length} ::= ""\n`);
  return lines.join('');
}

function writeArgument(name: string, form: PartedForm, key: string, schema: unknown): string {
  switch (form.kind) {
    case 'pythonic':
      return `${name} ::= ${literal(`${key}=`)} ${name}-root\n${jsonRules(schema, `${name}-`)}`;
    case 'bare-keys':
      return `${name} ::= ${literal(`${key}:`)} ${name}-value\n${bareRules(name, form.quote, schema)}`;
    case 'tagged': {
      const text = isRecord(schema) && schema.type === 'string' && schema.enum === undefined;
      const lead = form.keyOpen + key + (text ? form.valueOpen : (form.jsonValueOpen ?? form.valueOpen));
      if (text) return `${name} ::= ${literal(lead)} ${name}-text\n${untilMark(`${name}-text`, form.valueClose)}`;
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

/** Any value with bare keys; a text where the schema has nothing else. */
function bareRules(name: string, quote: string, schema: unknown): string {
  const text = `${name}-text ::= ${literal(quote)} ${name}-rest\n${untilMark(`${name}-rest`, quote)}`;
  if (isRecord(schema) && schema.type === 'string') return `${name}-value ::= ${name}-text\n${text}`;
  return [
    `${name}-value ::= ${name}-text | ${name}-scalar | ${name}-list | ${name}-object\n`,
    `${name}-fraction ::= "." [0-9]{1,15}\n`,
    `${name}-scalar ::= "true" | "false" | "null" | "-"? ("0" | [1-9] [0-9]{0,14}) ${name}-fraction?\n`,
    `${name}-another ::= "," ${name}-value\n`,
    `${name}-list ::= "[]" | "[" ${name}-value ${name}-another* "]"\n`,
    `${name}-pair ::= [A-Za-z0-9] [A-Za-z0-9-]* ":" ${name}-value\n`,
    `${name}-pairs ::= "," ${name}-pair\n`,
    `${name}-object ::= "{}" | "{" ${name}-pair ${name}-pairs* "}"\n`,
    text,
  ].join('');
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
