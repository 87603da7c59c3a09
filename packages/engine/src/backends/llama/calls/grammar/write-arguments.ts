import { isRecord, literal, repeat } from '@headway/json-grammar';
import type { ArgumentsForm } from '../form/call-form.ts';
import { jsonRules } from './json-rules.ts';
import { prefixRules } from './prefix-rules.ts';
import { textUntil } from './text-until.ts';
import { writeBareValue } from './write-bare-value.ts';
import { writeProperties } from './write-properties.ts';

export interface GrammarTool {
  name: string;
  /** A grammar of the arguments as JSON, from its rule `root` on. */
  argumentsRoot: string;
  /** The schema of the arguments, for forms that do not write them as one JSON object. */
  parameters?: unknown;
}

type PartedForm = Exclude<ArgumentsForm, { kind: 'json' | 'bare-keys' }>;

/** Rules for a tool's arguments; the first rule is called `name`, and all others begin with that. */
export function writeArguments(name: string, form: ArgumentsForm, tool: GrammarTool): string {
  if (form.kind === 'json') return `${name} ::= ${name}-root\n${prefixRules(tool.argumentsRoot, `${name}-`)}`;
  if (form.kind === 'bare-keys') {
    const object = { type: 'object', ...(isRecord(tool.parameters) && tool.parameters) };
    return writeBareValue(name, form.quote, object);
  }
  const separator = form.kind === 'tagged' ? form.separator : ', ';
  const chain = writeProperties(name, separator, tool.parameters, (item, key, property) =>
    writeArgument(item, form, key, property),
  );
  return `${name} ::= ${name}-first-0\n${chain}`;
}

function writeArgument(name: string, form: PartedForm, key: string, schema: unknown): string {
  switch (form.kind) {
    case 'pythonic':
      return `${name} ::= ${literal(`${key}=`)} ${name}-root\n${jsonRules(schema, `${name}-`)}`;
    case 'tagged': {
      const text = isRecord(schema) && schema.type === 'string' && schema.enum === undefined;
      const lead = form.keyOpen + key + (text ? form.valueOpen : (form.jsonValueOpen ?? form.valueOpen));
      if (text) {
        const { wrap } = form;
        if (wrap === undefined)
          return `${name} ::= ${literal(lead)} ${name}-text\n${textUntil(`${name}-text`, form.valueClose, schema)}`;
        // Either no characters that need the wrap, or any text within it.
        const { maxLength } = schema;
        const plain = repeat('[^<&\\x0A]', 0, typeof maxLength === 'number' ? Math.min(maxLength, 1_000) : Infinity);
        return (
          `${name} ::= ${literal(lead)} (${plain} | ${literal(wrap.open)} ${name}-text) ${literal(form.valueClose)}\n` +
          textUntil(`${name}-text`, wrap.close, schema)
        );
      }
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
