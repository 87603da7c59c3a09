import { asIs, runsWidth, type Paint, type Run } from '../terminal/drawing/paint.ts';
import { wrapRuns } from './wrap-runs.ts';
import { columnWidths } from './column-widths.ts';
import type { createMarkPaints, MarkdownStyles } from './markdown-styles.ts';
import type { Cell, Table } from './read-table.ts';

export interface TableLayout {
  /** The window's width; 0 if unknown. */
  columns: number;
  styles: MarkdownStyles;
  paintOf: ReturnType<typeof createMarkPaints>;
}

const between = ' │ ';
const crossing = '─┼─';

/**
 * The lines of a table: aligned columns, whose cells wrap where the table would be too wide. In a window too narrow for
 * that each row becomes a list of its cells, each after its column's header.
 */
export function layOutTable(table: Table, { columns, styles, paintOf }: TableLayout): Run[][] {
  const runs = (cell: Cell, base?: Paint) => cell.map(({ text, marks }) => ({ text, paint: paintOf(marks, base) }));
  const header = table.header.map((cell) => runs(cell, styles.marks.strong));
  const rows = table.rows.map((row) => row.map((cell) => runs(cell)));
  const natural = header.map((_, at) => Math.max(1, ...[header, ...rows].map((row) => runsWidth(row[at] ?? []))));
  const room = (columns > 0 ? columns - 1 : Number.POSITIVE_INFINITY) - between.length * (header.length - 1);
  const widths = columnWidths(natural, room);
  if (widths === null) return asLists(header, rows, columns);
  const line = (cells: readonly Run[][]) => {
    const wrapped = widths.map((width, at) => wrapRuns(cells[at] ?? [], width));
    const height = Math.max(1, ...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, row) =>
      widths.flatMap((width, at) => [
        ...(at > 0 ? [{ text: between, paint: styles.drawn }] : []),
        ...pad(wrapped[at]?.[row] ?? [], { width, align: table.align[at] ?? null, last: at === widths.length - 1 }),
      ]),
    );
  };
  const rule = [{ text: widths.map((width) => '─'.repeat(width)).join(crossing), paint: styles.drawn }];
  return [...line(header), rule, ...rows.flatMap(line)];
}

function pad(
  runs: readonly Run[],
  { width, align, last }: { width: number; align: string | null; last: boolean },
): Run[] {
  const free = width - runsWidth(runs);
  const left = align === 'right' ? free : align === 'center' ? Math.floor(free / 2) : 0;
  const blanks = (count: number) => (count > 0 ? [{ text: ' '.repeat(count), paint: asIs }] : []);
  return [...blanks(left), ...runs, ...(last ? [] : blanks(free - left))];
}

const indented = [{ text: '  ', paint: asIs }];

function asLists(header: readonly Run[][], rows: readonly Run[][][], columns: number): Run[][] {
  return rows.flatMap((row, at) => [
    ...(at > 0 ? [[]] : []),
    ...row.flatMap((cell, column) =>
      wrapRuns([...(header[column] ?? []), { text: ': ', paint: asIs }, ...cell], Math.max(2, columns - 1), indented),
    ),
  ]);
}
