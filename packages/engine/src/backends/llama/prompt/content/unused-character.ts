const first = 0xe000;
const last = 0xf8fe;

/**
 * A private-use character that the text contains neither as it is nor escaped. Both are looked for once, since a text may
 * contain every one of them.
 */
export function unusedCharacter(text: string): string {
  const used = new Set<number>();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= first && code <= last) used.add(code);
  }
  for (let at = text.indexOf('\\u'); at >= 0; at = text.indexOf('\\u', at + 2)) {
    const code = Number.parseInt(text.slice(at + 2, at + 6), 16);
    if (code >= first && code <= last) used.add(code);
  }
  for (let code = first; code <= last; code++) if (!used.has(code)) return String.fromCharCode(code);
  return '\ufffe';
}

/** The character's escape in ASCII-only JSON. */
export function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
