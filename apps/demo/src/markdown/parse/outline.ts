import type { Token } from 'markdown-it';

/** The levels of the headings that are open, as the answer wrote them. */
export type Outline = readonly number[];

/** The page's own headings take the first two levels. */
const above = 2;

/**
 * Sets the tag of each heading so that the page's outline has no gap: an answer's first heading is an h3, whatever its
 * number of hashes, and one below it an h4. Returns the outline after the last token.
 */
export function setHeadings(tokens: readonly Token[], before: Outline): Outline {
  let outline = before;
  for (const token of tokens) {
    if (token.type !== 'heading_open') continue;
    const written = Number(token.tag[1]);
    outline = [...outline.filter((level) => level < written), written];
    token.tag = `h${Math.min(outline.length + above, 6)}`;
  }
  return outline;
}
