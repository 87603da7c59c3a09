import { contextOverflow, HeadwayError } from '@headway/protocol';
import { LlamaVocabularyType, type LlamaModel } from 'node-llama-cpp';

import { tokenizeContinued } from './continued-text.ts';
import type { EventLoopQueue } from './event-loop-queue.ts';
import type { Piece, TokenizePart } from './piece.ts';
import { longestWhole, nextByTokens, wholeCharacters, type TokenCutOptions } from './token-cut.ts';
import { lastWordCut } from './word-cut.ts';

/** Arguments of one tokenizer call. */
export interface TokenizerCall {
  text: string;
  /** Whether the text's special tokens are parsed as such. */
  special: boolean;
  options: 'trimLeadingSpace' | undefined;
}

export interface PiecesOptions {
  model: LlamaModel;
  eventLoop: EventLoopQueue;
  signal: AbortSignal;
  /** Owner whose event-loop time this uses. @default '' (shared by all calls without an owner) */
  owner?: string;
  /** Size of the context, in tokens. A longer text is counted to its end only if that is quick. @default no bound */
  contextSize?: number;
}

/**
 * UTF-8 bytes tokenized in one call. Most texts take a millisecond; the worst case, characters that a SentencePiece
 * vocabulary lacks and spells byte by byte, takes 8 µs a byte. Beyond some 25,000 characters of one word, the regular
 * expressions of many vocabularies overflow the stack.
 */
export const pieceBytes = 2048;

/** Event-loop time, in ms, for which a prompt that is too long is still counted, so that the error names the excess. */
const countingMs = 100;

/**
 * Tokenizes texts one after the other, piece by piece, as tasks of `eventLoop`. The pieces' tokens together are those
 * of the whole text. A vocabulary that cannot be cut safely (WordPiece, Unigram) tokenizes each text in one call,
 * however long.
 *
 * @throws HeadwayError `context-overflow`, soon after the tokens exceed the context; `invalid-request` for a stretch
 * that can be tokenized only as a whole and is too long for that; the signal's reason when it aborts, after the current
 * piece
 */
export async function* tokenizeInPieces(
  calls: Iterable<TokenizerCall>,
  { model, eventLoop, signal, owner = '', contextSize = Number.POSITIVE_INFINITY }: PiecesOptions,
): AsyncGenerator<Piece> {
  const task = eventLoop.start(owner);
  let count = 0;
  try {
    for (const { text, special, options } of calls) {
      const tokenize: TokenizePart = (part, at) =>
        task.run(
          () =>
            at === 'continued' ? tokenizeContinued(model, part, special) : model.tokenizer(part, special, options),
          signal,
        );
      for (let from = 0; from < text.length;) {
        const piece = await nextPiece({ text, from, model, tokenize });
        from += piece.characters;
        count += piece.tokens.length;
        // More text could merge into the last token.
        if (count - 1 > contextSize && task.spentMs > countingMs)
          throw contextOverflow(count - 1, contextSize, { atLeast: true });
        yield piece;
      }
    }
  } finally {
    task.end();
  }
}

async function nextPiece(now: TokenCutOptions): Promise<Piece> {
  const { text, from, model, tokenize } = now;
  const end = divisible(model) ? endOfPiece(text, from) : text.length;
  const upTo = async (to: number) => ({
    tokens: await tokenize(text.slice(from, to), from === 0 ? 'beginning' : 'continued'),
    characters: to - from,
  });
  if (end === text.length) return upTo(end);
  const { bpe, spm } = LlamaVocabularyType;
  if (model.vocabularyType === bpe || model.vocabularyType === spm) {
    const cut = await lastWordCut(text, from + Math.ceil((end - from) / 4), end, tokenize);
    if (cut !== null) return upTo(cut);
  }
  const piece = await nextByTokens(now);
  if (piece) return piece;
  throw new HeadwayError(
    'invalid-request',
    `the prompt has a stretch of more than ${longestWhole.toLocaleString('en')} characters that this model's tokenizer ` +
      `reads only as a whole (${JSON.stringify(text.slice(from, from + 20))} and so on); put spaces or line breaks into it`,
  );
}

/** Whether a cut can be verified. Other vocabularies rewrite the text before they split it into tokens. */
function divisible({ vocabularyType }: LlamaModel): boolean {
  const { bpe, spm, rwkv, plamo2 } = LlamaVocabularyType;
  return [bpe, spm, rwkv, plamo2].some((one) => one === vocabularyType);
}

/** The end of a stretch of at most `pieceBytes`. */
function endOfPiece(text: string, from: number): number {
  const stretch = text.slice(from, from + pieceBytes);
  const bytes = Buffer.byteLength(stretch);
  if (bytes <= pieceBytes) return wholeCharacters(text, from + pieceBytes);
  return wholeCharacters(text, from + Math.floor((stretch.length * pieceBytes) / bytes));
}
