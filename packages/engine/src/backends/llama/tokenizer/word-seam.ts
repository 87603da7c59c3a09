import type { TokenizePart } from './piece.ts';

/** Places of one kind that are tried, the last ones first. */
const attempts = 8;

/** Characters on either side of a place that are tokenised with a seam and without one to try it. */
const margin = 64;

/**
 * Where words end, the safest first. No pre-tokenizer in use takes the space before a word or the punctuation behind one
 * together with the letters before it. (Some take an apostrophe so: `we` and `'ll`.)
 */
const wordEnds = [/[\p{L}\p{M}\p{N}](?= [\p{L}\p{N}])/gu, /[\p{L}\p{M}\p{N}](?!['’])(?=[\s\p{P}])/gu];

/** The last end of a word in a stretch of a text at which it may be cut; null when there is none. */
export async function lastWordSeam(
  text: string,
  start: number,
  end: number,
  tokenize: TokenizePart,
): Promise<number | null> {
  const stretch = text.slice(start, end + 1);
  for (const wordEnd of wordEnds) {
    const ends = Array.from(stretch.matchAll(wordEnd), ({ index, 0: { length } }) => start + index + length);
    for (const at of ends.slice(-attempts).toReversed()) if (await isSeam(text, at, tokenize)) return at;
  }
  return null;
}

/** Whether a text's tokens are the same with a cut as without it, as far as its surroundings tell. */
async function isSeam(text: string, at: number, tokenize: TokenizePart): Promise<boolean> {
  const left = text.slice(Math.max(0, at - margin), at);
  const right = text.slice(at, at + margin);
  const parts = [...(await tokenize(left, 'continued')), ...(await tokenize(right, 'continued'))];
  const whole = await tokenize(left + right, 'continued');
  return parts.length === whole.length && parts.every((token, index) => token === whole[index]);
}
