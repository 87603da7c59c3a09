export interface TokenEnds {
  /** Where each token ends in the text, in bytes. */
  ends: number[];
  /** Whether the tokens' bytes are the text's, so that the ends are known and not estimated. */
  exact: boolean;
}

const space = 0x20;

/**
 * Finds where tokens end in the text that they were made of, by their bytes. Tokenizers of the SentencePiece family begin
 * words with a space that the text may lack, and some marks swallow the space after them. From a token on that has other
 * bytes than the text (vocabularies that change letters, or lack a character), the rest of the text is shared out by the
 * tokens' lengths.
 */
export function tokenEnds(text: Buffer, tokens: readonly Buffer[]): TokenEnds {
  const ends: number[] = [];
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    const end = endAt(text, at, token) ?? endAt(text, pastSpace(text, at), token);
    if (end === null) return { ends: [...ends, ...shared(text.length - at, tokens.slice(index), at)], exact: false };
    ends.push((at = end));
  }
  return { ends, exact: true };
}

/** Where the token ends if it is what the text has at `at`; null if it is not. */
function endAt(text: Buffer, at: number, token: Buffer): number | null {
  if (has(text, at, token)) return at + token.length;
  return token[0] === space && has(text, at, token.subarray(1)) ? at + token.length - 1 : null;
}

function has(text: Buffer, at: number, bytes: Buffer): boolean {
  return text.subarray(at, at + bytes.length).equals(bytes);
}

function pastSpace(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && (text[at] === space || isLineSpace(text[at] ?? 0))) at++;
  return at;
}

/** Tab, line feed, vertical tab, form feed, carriage return. */
function isLineSpace(byte: number): boolean {
  return byte >= 0x09 && byte <= 0x0d;
}

function shared(bytes: number, tokens: readonly Buffer[], from: number): number[] {
  const all = tokens.reduce((sum, { length }) => sum + length, 0);
  let before = 0;
  return tokens.map(({ length }) => {
    before += length;
    return from + Math.round((bytes * before) / Math.max(1, all));
  });
}
