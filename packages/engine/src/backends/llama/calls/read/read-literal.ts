import type { Parse, TextSource } from './text-source.ts';

/** Characters of a string that are moved out of the buffer at once. */
const mostHeld = 256;

const scalarChar = /[^\s,()[\]{}:=]/;
const names: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };

/** A Python literal as JSON text, or `null` if none comes next. */
export function* readPythonLiteral(source: TextSource): Parse<string | null> {
  yield* source.skipWhite();
  const first = yield* source.peek();
  if (first === '"' || first === "'") return yield* pythonString(source, first);
  if (first === '[' || first === '(') return yield* listOf(source, first === '[' ? ']' : ')', readPythonLiteral);
  if (first === '{') return yield* objectOf(source, readPythonLiteral, readPythonLiteral);
  return scalar(yield* source.run(scalarChar));
}

/** A value with bare keys and with texts between quote marks, as JSON text; `null` if none comes next. */
export function* readBareKeys(source: TextSource, quote: string): Parse<string | null> {
  const value = (inner: TextSource): Parse<string | null> => readBareKeys(inner, quote);
  yield* source.skipWhite();
  if (yield* source.takeExactly(quote)) {
    const text = yield* source.until(quote);
    return text === null ? null : JSON.stringify(text);
  }
  const first = yield* source.peek();
  if (first === '[') return yield* listOf(source, ']', value);
  // Some templates write nothing for null.
  if (first !== '{') return scalar((yield* source.run(scalarChar)) || 'null');
  return yield* objectOf(
    source,
    function* (inner) {
      if (yield* inner.takeExactly(quote)) {
        const text = yield* inner.until(quote);
        return text === null ? null : JSON.stringify(text);
      }
      return JSON.stringify(yield* inner.run(/[^:]/));
    },
    value,
  );
}

/** The JSON value of a name or number; any other text becomes a string. */
function scalar(text: string): string | null {
  if (text === '') return null;
  const known = names[text];
  if (known !== undefined) return known;
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text) ? text : JSON.stringify(text);
}

function* listOf(
  source: TextSource,
  end: string,
  item: (source: TextSource) => Parse<string | null>,
): Parse<string | null> {
  source.at++;
  const items: string[] = [];
  for (;;) {
    yield* source.skipWhite();
    if ((yield* source.peek()) === end) break;
    const value = yield* item(source);
    if (value === null) return null;
    items.push(value);
    yield* source.skipWhite();
    if ((yield* source.peek()) === ',') source.at++;
    else if ((yield* source.peek()) !== end) return null;
  }
  source.at++;
  return `[${items.join(', ')}]`;
}

function* objectOf(
  source: TextSource,
  key: (source: TextSource) => Parse<string | null>,
  item: (source: TextSource) => Parse<string | null>,
): Parse<string | null> {
  source.at++;
  const fields: string[] = [];
  for (;;) {
    yield* source.skipWhite();
    if ((yield* source.peek()) === '}') break;
    const name = yield* key(source);
    yield* source.skipWhite();
    if (name === null || (yield* source.peek()) !== ':') return null;
    source.at++;
    const value = yield* item(source);
    if (value === null) return null;
    fields.push(`${name.startsWith('"') ? name : JSON.stringify(name)}: ${value}`);
    yield* source.skipWhite();
    if ((yield* source.peek()) === ',') source.at++;
    else if ((yield* source.peek()) !== '}') return null;
  }
  source.at++;
  return `{${fields.join(', ')}}`;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\n': '' };

function* pythonString(source: TextSource, quote: string): Parse<string | null> {
  source.at++;
  const pieces: string[] = [];
  let from = source.at;
  for (;;) {
    const char = yield* source.peek();
    if (char === '') return null;
    if (char !== quote && char !== '\\') {
      source.at++;
      if (source.at - from < mostHeld) continue;
      pieces.push(source.buffer.slice(from, source.at));
      source.drop();
      from = 0;
      continue;
    }
    pieces.push(source.buffer.slice(from, source.at));
    source.at++;
    if (char === quote) return JSON.stringify(pieces.join(''));
    const escape = yield* source.peek();
    source.at++;
    const digits = { x: 2, u: 4, U: 8 }[escape];
    if (digits === undefined)
      pieces.push(
        escapes[escape] ??
          (escape === quote || escape === '\\' || escape === '"' || escape === "'" || escape === '/'
            ? escape
            : `\\${escape}`),
      );
    else {
      const code = Number.parseInt(yield* source.run(/[\da-fA-F]/, digits), 16);
      if (!(code <= 0x10_ff_ff)) return null;
      pieces.push(String.fromCodePoint(code));
    }
    from = source.at;
  }
}
