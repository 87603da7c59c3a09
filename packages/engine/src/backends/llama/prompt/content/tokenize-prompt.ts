import type { Token } from 'node-llama-cpp';

import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from '../../tokenizer/tokenize-in-pieces.ts';
import type { SeamedText } from './mark-content.ts';
import type { SpecialMarks } from './special-marks.ts';

/**
 * The tokens of a prompt as llama.cpp's `tokenize` has them with `parse_special`, except that a mark with a seam in it
 * is text. The token that begins a text is not put in front.
 *
 * @throws the signal's reason when it aborts
 */
export async function tokenizePrompt(
  { text, seam }: SeamedText,
  marks: SpecialMarks,
  options: PiecesOptions,
): Promise<Token[]> {
  const tokens: Token[] = [];
  const calls = callsOf(text, seam, marks);
  for await (const piece of tokenizeInPieces(calls, options)) for (const token of piece.tokens) tokens.push(token);
  return tokens;
}

/** Special tokens are read in all of a text, or, between two of them, in none of what stands there. */
function callsOf(text: string, seam: string | null, { pattern, always, hungry }: SpecialMarks): TokenizerCall[] {
  if (seam === null || !pattern) return [{ text, special: true, options: undefined }];
  const calls: TokenizerCall[] = [];
  let open = '';
  const flush = () => {
    if (open !== '') calls.push({ text: open, special: true, options: undefined });
    open = '';
  };
  const add = (stretch: string, behind: string) => {
    if (!stretch.includes(seam)) return void (open += stretch);
    flush();
    // In one call with its stretch, such a mark would have eaten what llama.cpp takes for space.
    const fed = hungry.has(behind) ? stretch.replace(/^[ \t\n\v\f\r]+/, '') : stretch;
    // llama.cpp reads some marks as tokens whatever it is told; those are cut in two.
    const parts = cutWhereNeeded(fed, seam, always);
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

function cutWhereNeeded(stretch: string, seam: string, always: ReadonlySet<string>): string[] {
  const parts = stretch.split(seam);
  const whole = parts.join('');
  if (![...always].some((mark) => whole.includes(mark))) return [whole];
  return parts.filter((part) => part !== '');
}
