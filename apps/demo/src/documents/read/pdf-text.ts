/** A piece of a page's text, as pdf.js gives it. `transform[5]` is its height above the bottom of the page. */
export interface PdfPiece {
  str: string;
  transform: number[];
  height: number;
  hasEOL: boolean;
}

/** Joins the pieces of a page to lines, with an empty line where the page has a gap between paragraphs. */
export function pageText(pieces: readonly PdfPiece[]): string {
  const lines: string[] = [];
  let line = '';
  let last: { y: number; height: number } | null = null;
  let ended = false;
  for (const { str, transform, height, hasEOL } of pieces) {
    const y = transform[5] ?? 0;
    if (str.trim() !== '') {
      if (ended && last && last.y - y > 1.8 * Math.max(last.height, height)) {
        lines.push('');
        line = '';
      }
      last = { y, height };
      ended = false;
    }
    line += str;
    if (hasEOL) {
      const text = line.trimEnd();
      if (text !== '') lines.push(text);
      line = '';
      ended = true;
    }
  }
  return [...lines, line].join('\n').trim();
}

/** The pages' texts, each under its number: `[Page 2 of 7]`. A single page has none. */
export function joinPages(pages: readonly string[]): string {
  if (pages.length === 1) return pages[0] ?? '';
  return pages
    .map((page, at) => `[Page ${at + 1} of ${pages.length}]\n\n${page === '' ? '(no text)' : page}`)
    .join('\n\n');
}

/** What to tell of pages without text, which are mostly scanned; null if all have some. */
export function emptyPages(pages: readonly string[]): string | null {
  const empty = pages.flatMap((page, at) => (page === '' ? [at + 1] : []));
  if (empty.length === 0) return null;
  const [first] = empty;
  return empty.length === 1
    ? `Page ${first} has no text; it may be a picture.`
    : `${empty.length} of ${pages.length} pages have no text; they may be pictures.`;
}
