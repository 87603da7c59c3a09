import type { TokenizePart } from './piece.ts';

/** Places of each kind that are tried, the last ones first. */
const attempts = 8;

/** Characters on either side of a place that are tokenized with and without a cut to test it. */
const margin = 64;

/**
 * Ends of words, the safest kind first. No pre-tokenizer in use joins the space before a word, or punctuation after it,
 * to the letters before. (Some join an apostrophe: `we` and `'ll`.)
 */
const wordEnds = [/[\p{L}\p{M}\p{N}](?= [\p{L}\p{N}])/gu, /[\p{L}\p{M}\p{N}](?!['’])(?=[\s\p{P}])/gu];

/** The last word end in a stretch of a text where a cut leaves the tokens the same; null when there is none. */
export async function lastWordCut(
  text: string,
  start: number,
  end: number,
  tokenize: TokenizePart,
): Promise<number | null> {
  const stretch = text.slice(start, end + 1);
  for (const wordEnd of wordEnds) {
    const ends = Array.from(stretch.matchAll(wordEnd), ({ index, 0: { length } }) => start + index + length);
    for (const at of ends.slice(-attempts).toReversed()) if (await isSafeCut(text, at, tokenize)) return at;
  }
  return null;
}

/** Whether a cut leaves the tokens around it the same. */
async function isSafeCut(text: string, at: number, tokenize: TokenizePart): Promise<boolean> {
  const left = text.slice(Math.max(0, at - margin), at);
  const right = text.slice(at, at + margin);
  const parts = [...(await tokenize(left, 'continued')), ...(await tokenize(right, 'continued'))];
  const whole = await tokenize(left + right, 'continued');
  return parts.length === whole.length && parts.every((token, index) => token === whole[index]);
}
