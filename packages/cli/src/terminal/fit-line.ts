import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cuts a line without colours to at most so many columns; a cut one ends in `…`. */
export function fitLine(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line;
  let fitted = '';
  let width = 0;
  for (const { segment } of graphemes.segment(line)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    fitted += segment;
  }
  return columns < 1 ? '' : `${fitted}…`;
}
