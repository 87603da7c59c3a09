import { asIs, type Paint, type Run } from '../terminal/drawing/paint.ts';
import { WordWrap } from '../terminal/word-wrap.ts';
import { InlineReader } from './inline-reader.ts';
import type { Span } from './inline-span.ts';
import { closesFence, readLineStart, type Fence, type LineStart } from './line-start.ts';
import { createMarkPaints, type MarkdownStyles } from './markdown-styles.ts';
import { layOutTable } from './lay-out-table.ts';
import { isDelimiterRow, readTable, type Table } from './read-table.ts';

export interface MarkdownStreamOptions {
  /** Returns the window's present width; 0 if unknown. */
  columns: () => number;
  styles: MarkdownStyles;
  /** Whether code, too, is broken at the width. @default false */
  hard?: boolean;
}

/** The line that `---` becomes, in columns. */
const longestRule = 32;
const quoteBar = '│ ';
/** The rest of a longer table is written as it is. */
const mostRows = 500;

/**
 * Shows a streamed text's Markdown in a terminal: what has been written never changes, so that it may scroll away. Text is
 * held back while it is open what its marks are, and a table until its end. What is no Markdown is shown as it is.
 */
export class MarkdownStream {
  readonly #words: WordWrap;
  readonly #columns: () => number;
  readonly #styles: MarkdownStyles;
  readonly #paintOf: ReturnType<typeof createMarkPaints>;
  readonly #inline = new InlineReader();
  #written = '';
  /** The beginning of the line, while it is open what it is; null after that. */
  #start: string | null = '';
  /** Quotes that the line is in. */
  #quotes = 0;
  /** The open code block, and the quotes that it is in. */
  #fence: (Fence & { quotes: number }) | null = null;
  #hang: Run[] = [];
  /** What a line's text is painted with. */
  #base: Paint = asIs;
  #inCode = false;
  /** The line so far, where it may be a table's. */
  #row: string | null = null;
  /** Complete lines that are held back because they are, or may be, a table. */
  #rows: string[] = [];

  constructor({ columns, styles, hard = false }: MarkdownStreamOptions) {
    this.#words = new WordWrap(columns, { fences: false, hard });
    this.#columns = columns;
    this.#styles = styles;
    this.#paintOf = createMarkPaints(styles);
  }

  /** How many rows of a table are held back until its end; 0 while none is. */
  get tableRows(): number {
    const [, second] = this.#rows;
    return second !== undefined && isDelimiterRow(second) ? Math.max(1, this.#rows.length - 2) : 0;
  }

  /** Adds a piece; returns the text that can be written now. */
  write(piece: string): string {
    for (const part of piece.split(/(\n)/)) {
      if (part === '\n') this.#endLine();
      else if (part !== '') this.#add(part);
    }
    return this.#flush();
  }

  /** Returns the rest. */
  end(): string {
    if (this.#start !== '') this.#completeLine();
    const row = this.#row;
    this.#row = null;
    if (row !== null) this.#hold(row);
    this.#giveRows(row === null);
    this.#written += this.#words.end();
    return this.#flush();
  }

  #flush(): string {
    const written = this.#written;
    this.#written = '';
    return written;
  }

  #put(text: string, paint: Paint = asIs): void {
    this.#written += this.#words.write(text, paint);
  }

  #putSpans(spans: readonly Span[]): void {
    for (const { text, marks } of spans) this.#put(text, this.#paintOf(marks, this.#base));
  }

  #add(text: string): void {
    if (this.#start !== null) {
      // Character by character, so that the result does not depend on how the text is cut.
      let used = 0;
      for (const character of text) {
        used += character.length;
        this.#start += character;
        this.#readStart(false);
        if (this.#start === null) break;
      }
      this.#addToLine(text.slice(used));
    } else {
      this.#addToLine(text);
    }
  }

  #addToLine(text: string): void {
    if (text === '') return;
    if (this.#row !== null) this.#row += text;
    else if (this.#inCode) this.#put(text, this.#styles.code);
    else this.#putSpans(this.#inline.write(text));
  }

  #endLine(): void {
    this.#completeLine();
    const row = this.#row;
    this.#row = null;
    if (row === null) this.#put('\n');
    else this.#hold(row);
    this.#beginLine();
  }

  #completeLine(): void {
    while (this.#start !== null) this.#readStart(true);
    this.#putSpans(this.#inline.end());
  }

  #beginLine(): void {
    this.#start = '';
    this.#quotes = 0;
    this.#hang = [];
    this.#words.hang = [];
    this.#words.wraps = true;
    this.#base = asIs;
    this.#inCode = false;
  }

  /** Reads one mark at the beginning of the line, and goes on with the rest. */
  #readStart(complete: boolean): void {
    const text = this.#start ?? '';
    if (this.#fence) return this.#readCodeStart(text, this.#fence, complete);
    const start = readLineStart(text, complete);
    if (start === null) return;
    if (start.kind !== 'row') this.#giveRows(true);
    this.#begin(start, text);
  }

  #begin(start: LineStart, text: string): void {
    switch (start.kind) {
      case 'blank':
        this.#put(text);
        this.#start = null;
        return;
      case 'quote':
        this.#quotes += 1;
        this.#hangBy(quoteBar, this.#styles.drawn);
        this.#start = text.slice(start.length);
        return;
      case 'item':
        this.#put(start.indent);
        this.#put(/\d/.test(start.marker) ? start.marker : '•', this.#styles.drawn);
        this.#put(start.gap);
        this.#hang.push(blanks(start.indent + start.marker + start.gap));
        this.#start = text.slice(start.length);
        return;
      case 'heading':
        this.#base = start.level <= 2 ? this.#styles.title : this.#styles.heading;
        return this.#beginText(text.slice(start.length));
      case 'rule':
        this.#put('─'.repeat(Math.max(3, Math.min(longestRule, this.#columns() - 1))), this.#styles.drawn);
        this.#start = null;
        return;
      case 'fence':
        this.#fence = { ...start.fence, quotes: this.#quotes };
        this.#words.wraps = false;
        this.#put(text, this.#styles.drawn);
        this.#start = null;
        return;
      case 'row':
        // Within quotes and list items rows are text.
        if (this.#hang.length > 0) return this.#beginText(text);
        this.#start = null;
        this.#row = text;
        return;
      case 'text':
        this.#put(start.indent);
        if (start.indent !== '') this.#hang.push(blanks(start.indent));
        return this.#beginText(text.slice(start.indent.length));
      default:
        start satisfies never;
    }
  }

  #beginText(text: string): void {
    this.#words.hang = this.#hang;
    this.#start = null;
    this.#putSpans(this.#inline.write(text));
  }

  #hangBy(text: string, paint: Paint): void {
    this.#put(text, paint);
    this.#hang.push({ text, paint });
  }

  /** A line in a code block: after the marks of the quotes that the block is in, it is code or the closing fence. */
  #readCodeStart(text: string, fence: Fence & { quotes: number }, complete: boolean): void {
    if (this.#quotes < fence.quotes) {
      const start = readLineStart(text, complete);
      if (start === null) return;
      if (start.kind === 'quote') return this.#begin(start, text);
      // The quote is over, and the block with it.
      this.#fence = null;
      return;
    }
    this.#words.wraps = false;
    const closes = closesFence(text, fence, complete);
    if (closes === null) return;
    this.#start = null;
    this.#inCode = true;
    if (closes) this.#fence = null;
    this.#put(text, closes ? this.#styles.drawn : this.#styles.code);
  }

  /** Holds a line back that may be a table's: the first one, and after a delimiter row every one. */
  #hold(row: string): void {
    this.#rows.push(row);
    const [first = '', second] = this.#rows;
    if (second === undefined || (this.#rows.length < mostRows && isDelimiterRow(second))) return;
    if (isDelimiterRow(second)) return this.#giveRows(true);
    this.#rows = [second];
    this.#putRow(first);
    this.#put('\n');
  }

  /** Writes the held lines: as a table, if they are one. */
  #giveRows(lineBreak: boolean): void {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    const { hang, wraps } = this.#words;
    this.#words.hang = [];
    const table = readTable(rows);
    if (table) this.#putTable(table);
    else {
      rows.forEach((row, at) => {
        if (at > 0) this.#put('\n');
        this.#putRow(row);
      });
    }
    if (lineBreak) this.#put('\n');
    this.#words.hang = hang;
    this.#words.wraps = wraps;
  }

  #putRow(row: string): void {
    this.#putSpans(this.#inline.write(row));
    this.#putSpans(this.#inline.end());
  }

  #putTable(table: Table): void {
    this.#words.wraps = false;
    const lines = layOutTable(table, { columns: this.#columns(), styles: this.#styles, paintOf: this.#paintOf });
    lines.forEach((runs, at) => {
      if (at > 0) this.#put('\n');
      for (const { text, paint } of runs) this.#put(text, paint);
    });
  }
}

/** Blanks as wide as a mark; a tab is as wide as it can be. */
function blanks(mark: string): Run {
  return { text: mark.replaceAll('\t', ' '.repeat(8)).replaceAll(/./g, ' '), paint: asIs };
}
