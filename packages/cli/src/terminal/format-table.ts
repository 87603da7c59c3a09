import { foreignText } from '@headway/protocol';
import stringWidth from 'string-width';

/** Formats a table with two spaces between columns. A column whose cells all begin with a digit is aligned to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(foreignText));
  const all = [header, ...shown];
  const columns = header.map((_, at) => ({
    width: Math.max(...all.map((row) => stringWidth(row[at] ?? ''))),
    numeric: shown.length > 0 && shown.every((row) => /^\d/.test(row[at] ?? '')),
  }));
  const line = (row: readonly string[]) =>
    columns
      .map(({ width, numeric }, at) => {
        const cell = row[at] ?? '';
        const blanks = ' '.repeat(width - stringWidth(cell));
        return numeric ? blanks + cell : cell + blanks;
      })
      .join('  ');
  return all.map((row) => `${line(row).trimEnd()}\n`).join('');
}
