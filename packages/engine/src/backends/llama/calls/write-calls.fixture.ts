import type { ArgumentsForm, CallForm, Mark } from './form/call-form.ts';
import { readJsonString, readJsonValue } from './read/read-json-value.ts';
import { TextSource, type Parse } from './read/text-source.ts';

export interface WrittenCall {
  id: string;
  name: string;
  /** A JSON object. */
  arguments: string;
}

/**
 * Writes calls as a model does, for a history whose template leaves them out. Keeps numbers and the order of keys.
 * Arguments that are no JSON object stay as they are.
 */
export function writeCalls(form: CallForm, calls: readonly WrittenCall[]): string {
  const { sectionOpen, sectionClose, callOpen, callClose, separator, name } = form;
  const written = calls.map((call, index) => {
    const write = (mark: Mark) =>
      mark
        .map((piece) => (typeof piece === 'string' ? piece : { id: call.id, index, name: call.name }[piece.fill]))
        .join('');
    const before = write(callOpen) + (name.kind === 'field' ? write(name.before) : '') + call.name;
    const after = name.kind === 'field' ? name.close : '';
    return before + write(name.after) + writeArguments(form.arguments, call.arguments) + after + callClose;
  });
  return sectionOpen + written.join(separator) + sectionClose;
}

function writeArguments(form: ArgumentsForm, text: string): string {
  const entries = form.kind === 'tagged' || form.kind === 'pythonic' ? entriesOf(text) : [];
  if (entries === null) return text;
  switch (form.kind) {
    case 'json':
      return text;
    case 'pythonic':
      return entries.map(([key, value]) => `${key}=${asPython(value)}`).join(', ');
    case 'bare-keys':
      return asBareKeys(text, form.quote);
    case 'tagged':
      return entries
        .map(([key, value]) => {
          if (!value.startsWith('"'))
            return form.keyOpen + key + (form.jsonValueOpen ?? form.valueOpen) + value + form.valueClose;
          const { open, close } = form.wrap ?? { open: '', close: '' };
          return form.keyOpen + key + form.valueOpen + open + String(JSON.parse(value)) + close + form.valueClose;
        })
        .join(form.separator);
    default:
      return form satisfies never;
  }
}

/** Strings before a colon, other strings, words, and white space. */
const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|\s+/gsu;
const words: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };

function asPython(text: string): string {
  return text.replaceAll(tokens, (token, string: string | undefined, colon = '') =>
    string === undefined ? (words[token] ?? token) : JSON.stringify(JSON.parse(string)) + colon,
  );
}

function asBareKeys(text: string, quote: string): string {
  return text.replaceAll(tokens, (token, string: string | undefined, colon: string | undefined) => {
    if (string === undefined) return token.trim();
    const value = String(JSON.parse(string));
    return colon === undefined ? quote + value + quote : `${value}:`;
  });
}

/** The names and values of an object, as literal text; `null` if it is no object. */
function entriesOf(text: string): [name: string, value: string][] | null {
  const source = new TextSource();
  source.add(text);
  source.ended = true;
  const { value } = readEntries(source).next();
  return value ?? null;
}

function* readEntries(source: TextSource): Parse<[name: string, value: string][] | null> {
  const entries: [name: string, value: string][] = [];
  if (!(yield* source.take('{'))) return null;
  for (;;) {
    yield* source.skipWhite();
    if (yield* source.take('}')) return entries;
    if (entries.length > 0 && !(yield* source.take(','))) return null;
    const name = yield* readJsonString(source);
    yield* source.skipWhite();
    if (name === null || !(yield* source.take(':'))) return null;
    let value = '';
    if (!(yield* readJsonValue(source, (piece) => (value += piece)))) return null;
    entries.push([name, value]);
  }
}
