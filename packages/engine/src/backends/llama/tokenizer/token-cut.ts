import type { LlamaModel, Token } from 'node-llama-cpp';

import { tokenBytes } from './token-text.ts';
import type { Piece, TokenizePart } from './piece.ts';

/** Characters of the shortest stretch that is searched for a place to cut. */
const shortest = 512;

/** Characters of the longest one. A text that has no such place in it is refused. */
export const longestWhole = 2048;

/** Characters after a stretch that show how it continues; longer than any token of a vocabulary in use. */
const lookahead = 256;

/** Token ends that are tried in a stretch, the last ones first. */
const attempts = 4;

/** Places that are tried where the tokens' characters are unknown; the longest space tokens have as many characters. */
const blindAttempts = 16;

export interface TokenCutOptions {
  text: string;
  /** Index of the piece's first character. */
  from: number;
  model: LlamaModel;
  tokenize: TokenizePart;
}

/**
 * The next piece of a text without word ends to cut at, such as a word of many thousand letters. It ends with a token
 * after which the tokens stay the same when a text begins there. Tokenizers merge from left to right and depend on near
 * characters only, so the search reads all of the stretch before the place and `lookahead` characters after it.
 *
 * Null when there is no such place, for example where the tokenizer groups digits from a number's end.
 */
export async function nextByTokens({ text, from, model, tokenize }: TokenCutOptions): Promise<Piece | null> {
  const at = from === 0 ? 'beginning' : 'continued';
  for (let length = shortest; length <= longestWhole; length *= 2) {
    const end = wholeCharacters(text, from + length + lookahead);
    const stretch = text.slice(from, end);
    const whole = await tokenize(stretch, at);
    if (end === text.length) return { tokens: whole, characters: end - from };
    for (const place of tokenEnds(stretch, whole, length, model)) {
      const left = await tokenize(stretch.slice(0, place), at);
      if (!isBeginning(left, whole)) continue;
      const right = await tokenize(stretch.slice(place), 'continued');
      if (left.length + right.length !== whole.length || !isBeginning(right, whole.slice(left.length))) continue;
      // Digits may be grouped from a number's end; the place then depends on where the stretch ends.
      if (/\p{N}$/u.test(stretch.slice(0, place)) && !isBeginning(left, await tokenize(stretch.slice(0, -1), at)))
        continue;
      return { tokens: left, characters: place };
    }
  }
  return null;
}

function isBeginning(tokens: readonly Token[], of: readonly Token[]): boolean {
  return tokens.length <= of.length && tokens.every((token, at) => token === of[at]);
}

/** The index `at`, or the one before it if `at` splits a surrogate pair. */
export function wholeCharacters(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return (text.codePointAt(at - 1) ?? 0) > 0xff_ff ? at - 1 : at;
}

/** Indices of token ends in the last three quarters of the first `length` characters, the last one first. */
function tokenEnds(text: string, tokens: readonly Token[], length: number, model: LlamaModel): number[] {
  const bytes = Buffer.from(text);
  const written = tokens.map((token) => tokenBytes(model, token));
  const ends = endsInBytes(bytes, written) ?? endsInBytes(bytes, withoutSpace(written));
  const found: number[] = [];
  if (!ends) {
    for (let at = length; found.length < blindAttempts; at--) if (wholeCharacters(text, at) === at) found.push(at);
    return found;
  }
  for (let at = 0, end = 0; at < length;) {
    const character = text.codePointAt(at) ?? 0;
    end += utf8Length(character);
    at += character > 0xff_ff ? 2 : 1;
    if (at >= length / 4 && at <= length && ends.has(end)) found.push(at);
  }
  return found.slice(-attempts).toReversed();
}

/** Null when the tokens' bytes differ from the text's, for example where the vocabulary lacks a character. */
function endsInBytes(text: Buffer, tokens: readonly Buffer[]): Set<number> | null {
  const ends = new Set<number>();
  let at = 0;
  for (const token of tokens) {
    // SentencePiece inserts a space at the beginning and after special tokens, which is not in the text.
    const own = token[0] !== space || at === text.length || text[at] === space;
    const bytes = own ? token : token.subarray(1);
    if (!text.subarray(at, at + bytes.length).equals(bytes)) return null;
    ends.add((at += bytes.length));
  }
  return at === text.length ? ends : null;
}

const space = 0x20;

/** Removes the inserted space where the text itself begins with one. */
function withoutSpace([first, ...others]: readonly Buffer[]): Buffer[] {
  return first?.[0] === space ? [first.subarray(1), ...others] : [];
}

function utf8Length(character: number): number {
  if (character < 0x80) return 1;
  if (character < 0x8_00) return 2;
  return character <= 0xff_ff ? 3 : 4;
}
