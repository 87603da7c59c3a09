import type { Mark, MarkPiece } from './call-form.ts';

/** Marks in angle brackets, marks of capitals in square brackets, and single characters. */
const tokens = /<[^<>\n]*>|\[\/?[A-Z_]{2,}\]|[\s\S]/gu;

export function tokensOf(text: string): string[] {
  return text.match(tokens) ?? [];
}

/** The longest common beginning of both texts that splits no mark. */
export function commonStart(one: string, other: string): string {
  const [first, second] = [tokensOf(one), tokensOf(other)];
  let count = 0;
  while (count < first.length && first[count] === second[count]) count++;
  return first.slice(0, count).join('');
}

/** The longest common end of both texts that splits no mark. */
export function commonEnd(one: string, other: string): string {
  const [first, second] = [tokensOf(one), tokensOf(other)];
  let count = 0;
  while (count < Math.min(first.length, second.length) && first.at(-1 - count) === second.at(-1 - count)) count++;
  return count === 0 ? '' : first.slice(-count).join('');
}

/** Placeholders for a call's id and number while texts are compared. */
export const idSign = '\u{E000}';
export const indexSign = '\u{E001}';

export function toMark(text: string): Mark {
  return text
    .split(/([\u{E000}\u{E001}])/u)
    .filter((piece) => piece !== '')
    .map((piece): MarkPiece => {
      if (piece === idSign) return { fill: 'id' };
      return piece === indexSign ? { fill: 'index' } : piece;
    });
}
