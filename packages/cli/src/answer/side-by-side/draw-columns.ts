import stringWidth from 'string-width';

import type { Paint } from '../../terminal/drawing/paint.ts';
import type { AnswerColumn } from './answer-column.ts';
import { columnWidth } from './column-layout.ts';

export interface DrawOptions {
  /** The window's width. */
  columns: number;
  /** The most lines. The last ones of each text are shown. @default all */
  rows?: number;
  head: Paint;
  line: Paint;
}

/** Draws answers side by side: the state of each, and below it the text. Their states alone where they have no room. */
export function drawColumns(answers: readonly AnswerColumn[], { columns, rows, head, line }: DrawOptions): string[] {
  const width = columnWidth(answers.length, columns);
  if (width === null) return answers.slice(0, rows).map((answer) => head(answer.head(Math.max(1, columns - 1))));
  const heads = answers.map((answer) => head(pad(answer.head(width), width)));
  const rule = line(answers.map(() => '─'.repeat(width)).join('─┼─'));
  const texts = answers.map((answer) => {
    const lines = answer.lines(width);
    return rows === undefined ? lines : lines.slice(-Math.max(1, rows - 2));
  });
  const height = Math.max(...texts.map((lines) => lines.length));
  const body = Array.from({ length: height }, (_, row) =>
    texts.map((lines) => pad(lines[row] ?? '', width)).join(line(' │ ')),
  );
  return [heads.join(line(' │ ')), rule, ...body].slice(0, rows);
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
