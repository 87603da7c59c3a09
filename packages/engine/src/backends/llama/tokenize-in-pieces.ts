import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

import type { LoopTurns } from './loop-turns.ts';

/** What a tokenizer is asked for. */
export interface TokenizerCall {
  text: string;
  /** Whether special tokens that are written out count as such. */
  special: boolean;
  options: 'trimLeadingSpace' | undefined;
}

export interface PiecesOptions {
  model: Pick<LlamaModel, 'tokenizer' | 'vocabularyType'>;
  turns: LoopTurns;
  signal: AbortSignal;
}

/** Characters tokenised in one turn of the event loop: 1 to 2 ms with the tokenizers that were measured. */
export const pieceLength = 4096;

/** Characters before a piece's end in which a seam is looked for at once. */
const reach = 512;

/** Places of one kind that are tried in there, the last ones first. */
const attempts = 16;

/** Characters on either side of a place that are tokenised with a seam and without one to try it. */
const margin = 64;

/**
 * Where words end, the safest first. No pre-tokenizer in use takes the space before a word or the punctuation behind one
 * together with the letters before it. (Some take an apostrophe so: `we` and `'ll`.)
 */
const wordEnds = [/[\p{L}\p{M}\p{N}](?= [\p{L}\p{N}])/gu, /[\p{L}\p{M}\p{N}](?!['’])(?=[\s\p{P}])/gu];

/**
 * Tokenises texts one after the other, and lets the event loop turn after each piece of them. The tokens of a text's
 * pieces are together those of the whole. What cannot be cut stays in one piece: a word of many thousand letters, or any
 * text where the vocabulary is of a kind whose tokens depend on everything around them.
 *
 * @throws the signal's reason when it aborts, after the piece at hand
 */
export async function* tokenizeInPieces<Call extends TokenizerCall>(
  calls: Iterable<Call>,
  { model, turns, signal }: PiecesOptions,
): AsyncGenerator<{ call: Call; tokens: Token[] }> {
  let room = pieceLength;
  for (const call of calls) {
    let { options } = call;
    for (const piece of cutIntoPieces(call, model)) {
      if (piece.length > room) {
        await turns.next();
        signal.throwIfAborted();
        room = pieceLength;
      }
      room -= piece.length;
      yield { call, tokens: model.tokenizer(piece, call.special, options) };
      options = 'trimLeadingSpace';
    }
  }
}

/** Cuts a text only where the tokens of the parts are those of the whole. */
export function* cutIntoPieces(
  { text, special }: Pick<TokenizerCall, 'text' | 'special'>,
  { tokenizer, vocabularyType }: PiecesOptions['model'],
): Generator<string> {
  let from = 0;
  if (vocabularyType === LlamaVocabularyType.bpe || vocabularyType === LlamaVocabularyType.spm) {
    for (let to = pieceLength; to < text.length;) {
      const seam = lastSeam(text, to, (part) => tokenizer(part, special, 'trimLeadingSpace'));
      if (seam !== null) {
        yield text.slice(from, seam);
        from = seam;
      }
      to = seam === null ? to + reach : seam + pieceLength;
    }
  }
  yield text.slice(from);
}

function lastSeam(text: string, before: number, tokenize: (part: string) => Token[]): number | null {
  const start = before - reach;
  const stretch = text.slice(start, before + 1);
  for (const wordEnd of wordEnds) {
    const ends = Array.from(stretch.matchAll(wordEnd), ({ index, 0: { length } }) => start + index + length);
    const seam = ends.slice(-attempts).findLast((at) => isSeam(text, at, tokenize));
    if (seam !== undefined) return seam;
  }
  return null;
}

/** Whether a text's tokens are the same with a cut as without it, as far as its surroundings tell. */
function isSeam(text: string, at: number, tokenize: (part: string) => Token[]): boolean {
  const left = text.slice(Math.max(0, at - margin), at);
  const right = text.slice(at, at + margin);
  const parts = [...tokenize(left), ...tokenize(right)];
  const whole = tokenize(left + right);
  return parts.length === whole.length && parts.every((token, index) => token === whole[index]);
}
