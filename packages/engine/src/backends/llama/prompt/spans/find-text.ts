/**
 * As `indexOf`, by Knuth, Morris and Pratt: the time grows with the lengths alone. That of `indexOf` grows with their product
 * for texts that are made for it, and nothing else runs meanwhile.
 */
export function findText(text: string, wanted: string, from: number): number {
  if (wanted === '') return from;
  const overlaps = overlapsOf(wanted);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    matched = extended(matched, text.charCodeAt(at), wanted, overlaps);
    if (matched === wanted.length) return at + 1 - matched;
  }
  return -1;
}

/** For each beginning of the text, how much of its end is a beginning, too. */
function overlapsOf(text: string): Int32Array {
  const overlaps = new Int32Array(text.length);
  for (let at = 1; at < text.length; at++) {
    overlaps[at] = extended(overlaps[at - 1] ?? 0, text.charCodeAt(at), text, overlaps);
  }
  return overlaps;
}

/** How much of `wanted` is matched after one more character. */
function extended(matched: number, code: number, wanted: string, overlaps: Int32Array): number {
  let length = matched;
  while (length > 0 && (length === wanted.length || code !== wanted.charCodeAt(length)))
    length = overlaps[length - 1] ?? 0;
  return code === wanted.charCodeAt(length) ? length + 1 : length;
}
