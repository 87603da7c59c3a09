import type { Token } from 'node-llama-cpp';

import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from '../../tokenizer/tokenize-in-pieces.ts';
import type { SeparatedText } from './separate-marks.ts';
import type { SpecialMarks } from './special-marks.ts';

/**
 * The tokens of a prompt as llama.cpp's `tokenize` gives them with `parse_special`, except that a mark with a separator
 * in it is text. The beginning-of-text token is not added.
 *
 * @throws the signal's reason when it aborts
 */
export async function tokenizePrompt(
  { text, separator }: SeparatedText,
  marks: SpecialMarks,
  options: PiecesOptions,
): Promise<Token[]> {
  const tokens: Token[] = [];
  const calls = callsOf(text, separator, marks);
  for await (const piece of tokenizeInPieces(calls, options)) for (const token of piece.tokens) tokens.push(token);
  return tokens;
}

/** Parses special tokens in the text, except in stretches between two marks that contain a separator. */
function callsOf(
  text: string,
  separator: string | null,
  { pattern, always, spaceEating }: SpecialMarks,
): TokenizerCall[] {
  if (separator === null || !pattern) return [{ text, special: true, options: undefined }];
  const calls: TokenizerCall[] = [];
  let open = '';
  const flush = () => {
    if (open !== '') calls.push({ text: open, special: true, options: undefined });
    open = '';
  };
  const add = (stretch: string, markBefore: string) => {
    if (!stretch.includes(separator)) return void (open += stretch);
    flush();
    // Within one call, the mark before would swallow what llama.cpp takes for space.
    const trimmed = spaceEating.has(markBefore) ? stretch.replace(/^[ \t\n\v\f\r]+/, '') : stretch;
    // llama.cpp parses some marks in any case, so those are cut in two.
    const parts = cutWhereNeeded(trimmed, separator, always);
    parts.forEach((part, at) =>
      calls.push({ text: part, special: false, options: at === 0 ? undefined : 'trimLeadingSpace' }),
    );
  };
  let from = 0;
  let last = '';
  for (const { 0: mark, index } of text.matchAll(pattern)) {
    add(text.slice(from, index), last);
    open += mark;
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
