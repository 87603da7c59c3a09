import type { ArgumentsForm } from '../form/call-form.ts';
import { readJsonValue } from './read-json-value.ts';
import { readBareKeys, readPythonLiteral } from './read-literal.ts';
import { TextSource, type Parse } from './text-source.ts';

export interface ReadArgumentsOptions {
  /** The schema of the arguments, if known. */
  schema: unknown;
  /** Receives the arguments as JSON text, in pieces. */
  write: (text: string) => void;
}

/** Reads one call's arguments up to, but without, its closing mark. Returns whether they are complete. */
export function* readArguments(
  source: TextSource,
  form: ArgumentsForm,
  { schema, write }: ReadArgumentsOptions,
): Parse<boolean> {
  switch (form.kind) {
    case 'json':
      return yield* readJsonValue(source, write);
    case 'tagged':
      return yield* readTagged(source, form, { schema, write });
    case 'pythonic':
      return yield* readKeywords(source, write);
    case 'bare-keys': {
      const value = yield* readBareKeys(source, form.quote);
      if (value !== null) write(value);
      return value !== null;
    }
    default:
      return form satisfies never;
  }
}

function* readTagged(
  source: TextSource,
  form: Extract<ArgumentsForm, { kind: 'tagged' }>,
  { schema, write }: ReadArgumentsOptions,
): Parse<boolean> {
  const seen = new Set<string>();
  const close = form.valueClose.trim();
  const leads = [form.valueOpen, ...(form.jsonValueOpen === null ? [] : [form.jsonValueOpen])];
  write('{');
  for (;;) {
    yield* source.skipWhite();
    if (!(yield* source.take(form.keyOpen.trimStart()))) break;
    const key = yield* source.run(notFirstOf(form.valueOpen.trimStart()));
    let lead: string | null = null;
    for (const one of leads) if (lead === null && (yield* source.take(one.trimEnd()))) lead = one;
    if (lead === null) break;
    yield* source.takeExactly(trailingWhite(lead));
    let known: 'text' | 'json' | null = null;
    if (form.jsonValueOpen !== null) known = lead === form.valueOpen ? 'text' : 'json';
    let value: string | null;
    if (form.wrap !== undefined && (yield* source.takeExactly(form.wrap.open))) {
      known = 'text';
      value = yield* source.until(form.wrap.close);
      if (value === null || (yield* source.until(close)) === null) return false;
    } else value = yield* source.until(close);
    if (value === null) return false;
    const before = /^\s*/.exec(form.valueClose)?.[0] ?? '';
    if (before !== '' && value.endsWith(before)) value = value.slice(0, -before.length);
    if (!seen.has(key)) {
      write(`${seen.size === 0 ? '' : ', '}${JSON.stringify(key)}: ${asJson(value, known, propertyOf(schema, key))}`);
    }
    seen.add(key);
    if (form.separator.trim() !== '') yield* source.take(form.separator);
    source.drop();
  }
  if (source.cut) return false;
  write('}');
  return true;
}

function* readKeywords(source: TextSource, write: (text: string) => void): Parse<boolean> {
  write('{');
  for (let count = 0; ; count++) {
    yield* source.skipWhite();
    if ((yield* source.peek()) === ')') break;
    const key = yield* source.run(/[^\s=),]/);
    yield* source.skipWhite();
    if (key === '' || !(yield* source.take('='))) return false;
    const value = yield* readPythonLiteral(source);
    if (value === null) return false;
    write(`${count === 0 ? '' : ', '}${JSON.stringify(key)}: ${value}`);
    yield* source.skipWhite();
    if (!(yield* source.take(',')) && (yield* source.peek()) !== ')') return false;
    source.drop();
  }
  write('}');
  return true;
}

/** A literal value as JSON text. */
function asJson(raw: string, known: 'text' | 'json' | null, schema: unknown): string {
  if (known === 'text' || (known === null && isText(schema))) return JSON.stringify(raw);
  const text = raw.trim();
  if (isJson(text)) return text;
  return pythonValue(text) ?? JSON.stringify(raw);
}

const pythonStrings = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gsu;
const pythonRest = /^(?:[[\](){},:\s\d.+-]|[eE](?=[+-]?\d)|True|False|None)*$/u;

/** A Python list, dictionary or name; some templates write values other than texts so. */
function pythonValue(text: string): string | null {
  // Checks the whole text first, so that words in brackets stay text.
  if (!/^[[{TFN]/.test(text) || !pythonRest.test(text.replaceAll(pythonStrings, ''))) return null;
  const source = new TextSource();
  source.add(text);
  source.ended = true;
  const { value } = readPythonLiteral(source).next();
  return typeof value === 'string' && source.at === source.buffer.length && isJson(value) ? value : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a schema allows only strings. */
function isText(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if ('type' in schema) return schema.type === 'string';
  return 'enum' in schema && Array.isArray(schema.enum) && schema.enum.every((value) => typeof value === 'string');
}

function propertyOf(schema: unknown, key: string): unknown {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return undefined;
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return undefined;
  return Object.getOwnPropertyDescriptor(properties, key)?.value;
}

function notFirstOf(text: string): RegExp {
  return new RegExp(`[^${text.charAt(0).replace(/[\\\]^-]/, '\\$&')}]`, 'u');
}

function trailingWhite(text: string): string {
  return text.slice(text.trimEnd().length);
}
