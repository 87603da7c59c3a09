/** A private-use character that the text contains neither as it is nor escaped. */
export function unusedCharacter(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character) && !text.includes(escapeOf(character))) return character;
  }
  return '\ufffe';
}

/** The character's escape in ASCII-only JSON. */
export function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
