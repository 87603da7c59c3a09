import { contextOverflow, HeadwayError } from '@headway/protocol';
import { LlamaVocabularyType, type LlamaModel } from 'node-llama-cpp';

import { tokenizeContinued } from './continued-text.ts';
import type { LoopTurns } from './event-loop-queue.ts';
import type { Piece, TokenizePart } from './piece.ts';
import { longestWhole, nextByTokens, wholeCharacters, type TokenSeamOptions } from './token-seam.ts';
import { lastWordSeam } from './word-seam.ts';

/** What a tokenizer is asked for. */
export interface TokenizerCall {
  text: string;
  /** Whether special tokens that are written out count as such. */
  special: boolean;
  options: 'trimLeadingSpace' | undefined;
}

export interface PiecesOptions {
  model: LlamaModel;
  turns: LoopTurns;
  signal: AbortSignal;
  /** Whose time it is. @default nobody's */
  owner?: string;
  /** Tokens that the context holds: when there are more, the rest is counted if that is quick. @default no bound */
  contextSize?: number;
}

/**
 * Bytes of UTF-8 that are tokenised in one call. Most texts take a millisecond; the worst, characters that a
 * SentencePiece vocabulary does not have and spells byte by byte, 8 µs a byte. Beyond some 25,000 characters of one word
 * the regular expressions of many vocabularies overflow the stack.
 */
export const pieceBytes = 2048;

/** So long a prompt that is too long is counted to its end, for its owner to learn by how much, in ms of the loop. */
const countingMs = 100;

/**
 * Tokenises texts one after the other, piece by piece, in turns of the event loop. The tokens of a text's pieces are
 * together those of the whole. A vocabulary that no cut can be seen to leave alone (WordPiece, Unigram) reads each text in one
 * call, however long it is.
 *
 * @throws HeadwayError `context-overflow`, soon after there are too many; `invalid-request` for what can be tokenised
 * only as a whole and is too long for that; the signal's reason when it aborts, after the piece at hand
 */
export async function* tokenizeInPieces(
  calls: Iterable<TokenizerCall>,
  { model, turns, signal, owner = '', contextSize = Number.POSITIVE_INFINITY }: PiecesOptions,
): AsyncGenerator<Piece> {
  const turn = turns.join(owner);
  let count = 0;
  try {
    for (const { text, special, options } of calls) {
      const tokenize: TokenizePart = (part, at) =>
        turn.run(
          () =>
            at === 'continued' ? tokenizeContinued(model, part, special) : model.tokenizer(part, special, options),
          signal,
        );
      for (let from = 0; from < text.length;) {
        const piece = await nextPiece({ text, from, model, tokenize });
        from += piece.characters;
        count += piece.tokens.length;
        // The last token may be a part of a longer one.
        if (count - 1 > contextSize && turn.spentMs > countingMs)
          throw contextOverflow(count - 1, contextSize, { atLeast: true });
        yield piece;
      }
    }
  } finally {
    turn.leave();
  }
}

async function nextPiece(now: TokenSeamOptions): Promise<Piece> {
  const { text, from, model, tokenize } = now;
  const end = divisible(model) ? endOfPiece(text, from) : text.length;
  const upTo = async (to: number) => ({
    tokens: await tokenize(text.slice(from, to), from === 0 ? 'beginning' : 'continued'),
    characters: to - from,
  });
  if (end === text.length) return upTo(end);
  const { bpe, spm } = LlamaVocabularyType;
  if (model.vocabularyType === bpe || model.vocabularyType === spm) {
    const seam = await lastWordSeam(text, from + Math.ceil((end - from) / 4), end, tokenize);
    if (seam !== null) return upTo(seam);
  }
  const piece = await nextByTokens(now);
  if (piece) return piece;
  throw new HeadwayError(
    'invalid-request',
    `the prompt has a stretch of more than ${longestWhole.toLocaleString('en')} characters that this model's tokenizer ` +
      `reads only as a whole (${JSON.stringify(text.slice(from, from + 20))} and so on); put spaces or line breaks into it`,
  );
}

/** Whether a cut can be seen to change nothing. Others change the text before they look for tokens in it. */
function divisible({ vocabularyType }: LlamaModel): boolean {
  const { bpe, spm, rwkv, plamo2 } = LlamaVocabularyType;
  return [bpe, spm, rwkv, plamo2].some((one) => one === vocabularyType);
}

/** The end of a stretch of `pieceBytes` at most. */
function endOfPiece(text: string, from: number): number {
  const stretch = text.slice(from, from + pieceBytes);
  const bytes = Buffer.byteLength(stretch);
  if (bytes <= pieceBytes) return wholeCharacters(text, from + pieceBytes);
  return wholeCharacters(text, from + Math.floor((stretch.length * pieceBytes) / bytes));
}
