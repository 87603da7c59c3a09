/**
 * Parses JSON text for templates without loss. Numbers that JavaScript would round, and keys that it would move or
 * merge, get placeholders, which `restore` replaces by the originals in the rendered text.
 */
export class ExactArguments {
  /** Digits that occur nowhere in the request. A placeholder for a number is an integer that JavaScript keeps exact. */
  #prefix = '';
  readonly #texts: () => string;
  /** Original numbers; empty for a placeholder that was appended to a key, which stays readable. */
  readonly #originals: string[] = [];

  /** `texts` returns all texts that the template will see. */
  constructor(texts: () => string) {
    this.#texts = texts;
  }

  /** Null when the text is no JSON. */
  read(text: string): unknown {
    if (!isJson(text)) return null;
    return JSON.parse(this.#standIn(text)) as unknown;
  }

  /** Replaces the placeholders in a rendered text by the originals. */
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

/** The text without a placeholder that was appended to it. */
export function withoutStandIn(text: string): string {
  return text.endsWith('~') ? text.replace(/~\d{12,}~$/, '') : text;
}

function unusedDigits(texts: string): string {
  let digits = 73_901;
  while (texts.includes(String(digits))) digits++;
  return String(digits);
}

/** Whether JavaScript writes the number exactly like this. */
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
