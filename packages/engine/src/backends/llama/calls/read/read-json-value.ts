import type { Parse, TextSource } from './text-source.ts';

/**
 * Reads one JSON value and passes on its exact text as it arrives. Returns whether the value is complete; it does not
 * check what strings contain. `most`: gives up on a longer value that nothing drops.
 */
export function* readJsonValue(source: TextSource, write: (text: string) => void, most = Infinity): Parse<boolean> {
  yield* source.skipWhite();
  const first = source.at;
  let start = source.at;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let scalar = false;
  for (;;) {
    const { buffer } = source;
    for (; source.at < buffer.length; source.at++) {
      const char = buffer.charAt(source.at);
      let whole = false;
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') {
          inString = false;
          whole = depth === 0;
        }
      } else if (scalar) {
        if (/[\w.+-]/.test(char)) continue;
        write(buffer.slice(start, source.at));
        return true;
      } else if (char === '"') inString = true;
      else if (char === '{' || char === '[') depth++;
      else if (char === '}' || char === ']') {
        if (depth === 0) return false;
        depth--;
        whole = depth === 0;
      } else if (depth === 0) {
        if (!/[\w.+-]/.test(char)) return false;
        scalar = true;
      }
      if (whole) {
        source.at++;
        write(buffer.slice(start, source.at));
        return true;
      }
    }
    if (source.at > start) write(buffer.slice(start, source.at));
    if (source.ended) return scalar;
    if (source.at - first > most) return false;
    start = source.at;
    yield;
  }
}

/** The value of a JSON string, or `null` if none comes next. */
export function* readJsonString(source: TextSource, most = 1_000): Parse<string | null> {
  yield* source.skipWhite();
  const start = source.at;
  if ((yield* source.peek()) !== '"') return null;
  source.at++;
  for (let char = yield* source.peek(); char !== '"'; char = yield* source.peek()) {
    if (char === '' || source.at - start > most) return null;
    source.at += char === '\\' ? 2 : 1;
  }
  source.at++;
  try {
    return String(JSON.parse(source.buffer.slice(start, source.at)));
  } catch {
    return null;
  }
}

/** Skips the rest of an object after a field's value, up to its closing brace, and drops that text. */
export function* passRestOfObject(source: TextSource): Parse<void> {
  for (;;) {
    yield* source.skipWhite();
    if (!(yield* source.take(','))) break;
    const key = yield* readJsonString(source);
    yield* source.skipWhite();
    if (key === null || !(yield* source.take(':'))) break;
    source.drop();
    if (!(yield* readJsonValue(source, () => source.drop()))) break;
  }
  yield* source.take('}');
  source.drop();
}
