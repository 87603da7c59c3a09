/**
 * JSON text as values that a template can read, without loss: numbers that JavaScript would round, keys that it would
 * move or merge have stand-ins, which `restore` turns back in what the template rendered.
 */
export class ExactArguments {
  /** Digits that occur nowhere in the request; a stand-in is a whole number that JavaScript keeps. */
  #prefix = '';
  readonly #texts: () => string;
  /** Of numbers; empty where the stand-in is what was put behind a key, which stays to be read. */
  readonly #originals: string[] = [];

  /** `texts`: all that the template will see. */
  constructor(texts: () => string) {
    this.#texts = texts;
  }

  /** Null when the text is no JSON. */
  read(text: string): unknown {
    if (!isJson(text)) return null;
    return JSON.parse(this.#standIn(text)) as unknown;
  }

  /** What was rendered, with the originals in the place of their stand-ins. */
  restore(rendered: string): string {
    if (this.#originals.length === 0) return rendered;
    const standIn = new RegExp(`~${this.#prefix}(\\d{7})~|${this.#prefix}(\\d{7})`, 'g');
    return rendered.replaceAll(standIn, (whole, tilded?: string, bare?: string) => {
      const original = this.#originals[Number(tilded ?? bare)];
      if (original === undefined) return whole;
      return original === '' || tilded === undefined ? original : `~${original}~`;
    });
  }

  #standIn(text: string): string {
    const scopes: Set<string>[] = [];
    const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*|[{}]/gs;
    return text.replaceAll(token, (found, colon: string | undefined) => {
      if (found === '{') scopes.push(new Set());
      if (found === '}') scopes.pop();
      if (/^[-\d]/.test(found)) return isKept(found) ? found : this.#keep(found);
      if (colon === undefined) return found;
      const key = found.slice(0, -colon.length);
      const names = scopes.at(-1);
      const name = JSON.parse(key) as string;
      const moves = /^\d+$/.test(name) || name === '__proto__' || names?.has(name) === true;
      names?.add(name);
      return moves ? `${key.slice(0, -1)}~${this.#keep('')}~"${colon}` : found;
    });
  }

  #keep(original: string): string {
    this.#prefix ||= unusedDigits(this.#texts());
    this.#originals.push(original);
    return `${this.#prefix}${String(this.#originals.length - 1).padStart(7, '0')}`;
  }
}

/** What was said, where a stand-in has been put behind it. */
export function withoutStandIn(text: string): string {
  return text.endsWith('~') ? text.replace(/~\d{12,}~$/, '') : text;
}

function unusedDigits(texts: string): string {
  let digits = 73_901;
  while (texts.includes(String(digits))) digits++;
  return String(digits);
}

/** Whether JavaScript writes the number as it stands. */
function isKept(literal: string): boolean {
  return String(Number(literal)) === literal;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
