import { lexer, type Tokens } from 'marked';

import type { Span } from './inline-span.ts';
import { spansOfAll } from './inline-tokens.ts';

export interface Table {
  header: Cell[];
  rows: Cell[][];
  align: readonly ('left' | 'center' | 'right' | null)[];
}

export type Cell = readonly Span[];

/** Whether a line may be the second one of a table, which has the columns' alignment. */
export function isDelimiterRow(line: string): boolean {
  return /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line);
}

/** Reads lines as a table; null if they are none. */
export function readTable(lines: readonly string[]): Table | null {
  if (lines.length < 2) return null;
  const tokens = lexer(lines.map((line) => line.trim()).join('\n'));
  const [table] = tokens;
  if (table?.type !== 'table' || tokens.length > 1) return null;
  const { header, rows, align } = table as Tokens.Table;
  return { header: header.map(cell), rows: rows.map((row) => row.map(cell)), align };
}

function cell({ tokens }: Tokens.TableCell): Cell {
  return spansOfAll(tokens);
}
