import type { LlamaModel, Token } from 'node-llama-cpp';

import { tokenText } from './token-text.ts';
import type { Piece, TokenizePart } from './piece.ts';

/** Characters of the shortest stretch in which a place is looked for. */
const shortest = 512;

/** Characters of the longest one. With these, a text is tokenised as a whole or not at all. */
export const longestWhole = 2048;

/** Characters behind a stretch that show what comes next; more than the tokens of any vocabulary in use have. */
const lookahead = 256;

/** Ends of tokens that are tried in a stretch, the last ones first. */
const attempts = 4;

/** Places that are tried where nobody knows which characters a token stands for; the longest runs of spaces have so many. */
const blindAttempts = 16;

export interface TokenSeamOptions {
  text: string;
  /** Where the piece begins. */
  from: number;
  model: LlamaModel;
  tokenize: TokenizePart;
}

/**
 * The next piece of a text that has no ends of words to cut it at, such as a word of many thousand letters: up to the end
 * of a token after which the tokens are the same when the text begins there. Tokens come about from left to right and by
 * what stands close by, so all that stands before is looked at, and a stretch of what comes.
 *
 * Null when there is no such place: where numbers are grouped from their ends, for one.
 */
export async function nextByTokens({ text, from, model, tokenize }: TokenSeamOptions): Promise<Piece | null> {
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
      // Numbers may be grouped from their ends, so that the place depends on where the stretch happens to end.
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

/** A place at or just before one that does not part a surrogate pair. */
export function wholeCharacters(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return (text.codePointAt(at - 1) ?? 0) > 0xff_ff ? at - 1 : at;
}

/** Where tokens end in the last three quarters of so many characters, the last first. */
function tokenEnds(text: string, tokens: readonly Token[], length: number, model: LlamaModel): number[] {
  const bytes = Buffer.from(text);
  const spoken = tokens.map((token) => bytesOf(token, model));
  const ends = endsInBytes(bytes, spoken) ?? endsInBytes(bytes, withoutSpace(spoken));
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

/** Null when the tokens do not say the text, such as where the vocabulary has none for some of it. */
function endsInBytes(text: Buffer, tokens: readonly Buffer[]): Set<number> | null {
  const ends = new Set<number>();
  let at = 0;
  for (const token of tokens) {
    // SentencePiece puts a space at the beginning and behind special tokens, which is none of the text's.
    const own = token[0] !== space || at === text.length || text[at] === space;
    const bytes = own ? token : token.subarray(1);
    if (!text.subarray(at, at + bytes.length).equals(bytes)) return null;
    ends.add((at += bytes.length));
  }
  return at === text.length ? ends : null;
}

const space = 0x20;

/** So it is where the text itself begins with one. */
function withoutSpace([first, ...others]: readonly Buffer[]): Buffer[] {
  return first?.[0] === space ? [first.subarray(1), ...others] : [];
}

function utf8Length(character: number): number {
  if (character < 0x80) return 1;
  if (character < 0x8_00) return 2;
  return character <= 0xff_ff ? 3 : 4;
}

const known = new WeakMap<LlamaModel, Map<Token, Buffer>>();

function bytesOf(token: Token, model: LlamaModel): Buffer {
  let tokens = known.get(model);
  if (!tokens) known.set(model, (tokens = new Map()));
  let bytes = tokens.get(token);
  if (!bytes) tokens.set(token, (bytes = Buffer.from(tokenText(model, token).bytes)));
  return bytes;
}
