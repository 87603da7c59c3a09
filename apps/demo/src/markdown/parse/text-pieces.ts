/** In characters. The browser lays out a changed text node as a whole, so a long text is several. */
const pieceLength = 256;

/**
 * Cuts a text behind a space into pieces of limited length. Text that follows changes only the last piece; joined, they are
 * the text.
 */
export function textPieces(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > pieceLength) {
    const space = text.indexOf(' ', start + pieceLength);
    if (space < 0 || space === text.length - 1) break;
    pieces.push(text.slice(start, space + 1));
    start = space + 1;
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}
