import type { Token } from 'node-llama-cpp';

import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from '../../tokenizer/tokenize-in-pieces.ts';
import type { SeparatedText } from './separate-marks.ts';
import type { SpecialMarks } from './special-marks.ts';

/** A stretch of a prompt that was tokenized in one call. */
export interface PlacedPiece {
  /** Where it begins in the prompt's text, in UTF-16 code units. */
  start: number;
  text: string;
  /** How many of the prompt's tokens come before its own. */
  first: number;
  tokens: readonly Token[];
}

interface PlacedCall extends TokenizerCall {
  /** Where its text begins in the prompt's text without separators. */
  start: number;
}

/**
 * The tokens of a prompt as llama.cpp's `tokenize` gives them with `parse_special`, except that a mark with a separator
 * in it is text. The beginning-of-text token is not added. `onPiece` gets each stretch that is tokenized in one call, with
 * its place in the text without separators.
 *
 * @throws the signal's reason when it aborts
 */
export async function tokenizePrompt(
  { text, separator }: SeparatedText,
  marks: SpecialMarks,
  options: PiecesOptions,
  onPiece?: (piece: PlacedPiece) => void,
): Promise<Token[]> {
  const tokens: Token[] = [];
  const calls = callsOf(text, separator, marks);
  let at = 0;
  let done = 0;
  for await (const piece of tokenizeInPieces(calls, options)) {
    if (onPiece) {
      while (done >= (calls[at]?.text.length ?? Infinity)) [at, done] = [at + 1, 0];
      const { text: whole = '', start = 0 } = calls[at] ?? {};
      const stretch = whole.slice(done, (done += piece.characters));
      onPiece({ start: start + done - stretch.length, text: stretch, first: tokens.length, tokens: piece.tokens });
    }
    for (const token of piece.tokens) tokens.push(token);
  }
  return tokens;
}

/** Parses special tokens in the text, except in stretches between two marks that contain a separator. */
function callsOf(text: string, separator: string | null, { pattern, always, spaceEating }: SpecialMarks): PlacedCall[] {
  if (separator === null || !pattern) return [{ text, special: true, options: undefined, start: 0 }];
  const calls: PlacedCall[] = [];
  let open = '';
  /** Characters so far, without separators. */
  let done = 0;
  const extend = (part: string) => {
    open += part;
    done += part.length;
  };
  const flush = () => {
    if (open !== '') calls.push({ text: open, special: true, options: undefined, start: done - open.length });
    open = '';
  };
  const add = (stretch: string, markBefore: string) => {
    if (!stretch.includes(separator)) return extend(stretch);
    flush();
    // Within one call, the mark before would swallow what llama.cpp takes for space.
    const trimmed = spaceEating.has(markBefore) ? stretch.replace(/^[ \t\n\v\f\r]+/, '') : stretch;
    // llama.cpp parses some marks in any case, so those are cut in two.
    done += stretch.length - trimmed.length;
    const parts = cutWhereNeeded(trimmed, separator, always);
    parts.forEach((part, at) => {
      calls.push({ text: part, special: false, options: at === 0 ? undefined : 'trimLeadingSpace', start: done });
      done += part.length;
    });
  };
  let from = 0;
  let last = '';
  for (const { 0: mark, index } of text.matchAll(pattern)) {
    add(text.slice(from, index), last);
    extend(mark);
    last = mark;
    from = index + mark.length;
  }
  add(text.slice(from), last);
  flush();
  return calls;
}

function cutWhereNeeded(stretch: string, separator: string, always: ReadonlySet<string>): string[] {
  const parts = stretch.split(separator);
  const whole = parts.join('');
  if (![...always].some((mark) => whole.includes(mark))) return [whole];
  return parts.filter((part) => part !== '');
}
