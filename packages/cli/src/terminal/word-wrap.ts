import stringWidth from 'string-width';

import { asIs, joinRuns, runsWidth, type Paint, type Run } from './drawing/paint.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A longer grapheme cluster is a pile of combining marks, and is written as it arrives. */
const longestCluster = 64;
/** The segmenter takes as long as the square of a text's length, so it gets no more than this, in UTF-16 units. */
const longestSegmented = 500;
/** Text for fewer columns is not wrapped. */
const leastColumns = 16;
/** The most of a word, or of blanks, that is buffered, in UTF-16 units, where a line holds more. */
const longestHeld = 1000;
const tabStop = 8;

const fence = /^(```|~~~)/;
/** Scripts without spaces between words: a line may end after any character, but not before closing punctuation. */
const ideograph = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uff60]/u;
const closing = /^[、。，．：；？！）」』】〉》〕ー々…‥.,:;?!)\]}'"’”]/;
const opening = /[（「『【〈《〔([{‘“]$/;

export interface WordWrapOptions {
  /** Whether lines between code fences are left to the terminal. @default true */
  fences?: boolean;
  /** Breaks words longer than a line, and unwrapped lines, at the width itself: no line is ever longer. @default false */
  hard?: boolean;
}

/**
 * Breaks the lines of a streamed text between words, so that the terminal breaks none of them. It buffers an incomplete
 * word, and at most as much of it as a line holds. It drops blanks at a break and nothing else. The terminal breaks code
 * between fences and words longer than a line, so that users can copy them whole.
 */
export class WordWrap {
  /** False leaves the lines to the terminal. Set it at the beginning of a line. */
  wraps = true;
  /** What continued lines begin with, like the indentation of a list item. Set it at the beginning of a line. */
  hang: readonly Run[] = [];
  readonly #columns: () => number;
  readonly #fences: boolean;
  readonly #hard: boolean;
  /** What can be written now. */
  #ready: Run[] = [];
  /** How the characters that arrive are painted. */
  #paint: Paint = asIs;
  /** The last character, which the next piece may continue. */
  #cluster = '';
  /** Blanks between the written text and the word. */
  #gap: Run[] = [];
  #gapLength = 0;
  #word: Run[] = [];
  #wordText = '';
  #wordWidth = 0;
  /** Whether the beginning of the word has been written. */
  #wordBegun = false;
  /** Whether a line may end after the word in its present form. */
  #mayEnd = false;
  #column = 0;
  #fenced = false;

  /** @param columns returns the terminal's present width; 0 if unknown */
  constructor(columns: () => number, { fences = true, hard = false }: WordWrapOptions = {}) {
    this.#columns = columns;
    this.#fences = fences;
    this.#hard = hard;
  }

  /** Adds a piece; returns the text that can be written now. */
  write(piece: string, paint: Paint = asIs): string {
    return joinRuns(this.runs(piece, paint));
  }

  /** Returns the buffered rest. */
  end(): string {
    return joinRuns(this.endRuns());
  }

  /** As `write`, with the text as runs; a line break is a run of its own. */
  runs(piece: string, paint: Paint = asIs): Run[] {
    if (paint !== this.#paint) this.#takeCluster();
    this.#paint = paint;
    for (let at = 0; at < piece.length; at += longestSegmented) this.#takeAll(piece.slice(at, at + longestSegmented));
    return this.#flush();
  }

  /** As `end`, with the text as runs. */
  endRuns(): Run[] {
    this.#takeCluster();
    this.#place();
    this.#placeBlanks();
    return this.#flush();
  }

  #takeAll(piece: string): void {
    const clusters = Array.from(graphemes.segment(this.#cluster + piece), ({ segment }) => segment);
    const last = clusters.at(-1) ?? '';
    // A line break is complete: `hang` and `wraps` may be set for the next line now.
    this.#cluster = last.length <= longestCluster && last !== '\n' ? last : '';
    if (this.#cluster !== '') clusters.pop();
    for (const cluster of clusters) this.#take(cluster);
  }

  #flush(): Run[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  #takeCluster(): void {
    const cluster = this.#cluster;
    this.#cluster = '';
    if (cluster !== '') this.#take(cluster);
  }

  #take(cluster: string): void {
    if (cluster === '\n') {
      this.#place();
      this.#placeBlanks();
      this.#column = 0;
      this.#ready.push({ text: '\n', paint: asIs });
      return;
    }
    const run = { text: cluster, paint: this.#paint };
    if (cluster === ' ' || cluster === '\t') {
      this.#place();
      this.#gap.push(run);
      this.#gapLength += 1;
      if (this.#gapLength >= Math.min(this.#limit, longestHeld)) this.#placeBlanks();
      return;
    }
    const width = stringWidth(cluster);
    const wide = ideograph.test(cluster);
    const breaks = (wide || this.#mayEnd) && !closing.test(cluster) && !opening.test(this.#wordText);
    if (breaks || (this.#hard && this.#wordWidth + width > this.#limit - runsWidth(this.#usedHang))) this.#place();
    this.#word.push(run);
    this.#wordText += cluster;
    this.#wordWidth += width;
    this.#mayEnd = wide || (this.#mayEnd && closing.test(cluster));
    if (this.#hard || (this.#wordWidth < this.#limit && this.#wordText.length < longestHeld)) return;
    this.#place();
    this.#wordBegun = true;
  }

  /** Writes the word, on the next line if it does not fit on this one. */
  #place(): void {
    const [word, text, width, begun] = [this.#word, this.#wordText, this.#wordWidth, this.#wordBegun];
    this.#wordBegun = false;
    this.#mayEnd = false;
    if (text === '') return;
    this.#word = [];
    this.#wordText = '';
    this.#wordWidth = 0;
    if (this.#fences && this.#column === 0 && fence.test(text)) this.#fenced = !this.#fenced;
    if (!this.#wrapping) this.#placeBlanks();
    const start = columnAfter(this.#column, this.#gap);
    const full = start + width > this.#limit && !begun && (this.#wrapping || this.#hard);
    // A break at the beginning of a line, or after its list mark, would gain nothing.
    if (full && (this.#hard || this.#column > 0) && start > runsWidth(this.#usedHang)) this.#breakLine();
    else this.#placeBlanks();
    this.#ready.push(...word);
    this.#moveTo(this.#column + width);
  }

  /** Begins a line, without the blanks before it. */
  #breakLine(): void {
    const hang = this.#wrapping ? this.#usedHang : [];
    this.#gap = [];
    this.#gapLength = 0;
    this.#ready.push({ text: '\n', paint: asIs }, ...hang);
    this.#column = runsWidth(hang);
  }

  #placeBlanks(): void {
    const gap = this.#gap;
    this.#gap = [];
    this.#gapLength = 0;
    if (this.#hard) return gap.forEach((blank) => this.#placeHard(blank));
    this.#moveTo(columnAfter(this.#column, gap));
    this.#ready.push(...gap);
  }

  /** Writes a blank within the width. A tab becomes spaces, since the line may begin anywhere on the screen. */
  #placeHard({ text, paint }: Run): void {
    const width = text === '\t' ? tabStop - (this.#column % tabStop) : 1;
    if (this.#column + width <= this.#limit) {
      this.#ready.push({ text: ' '.repeat(width), paint });
      this.#column += width;
    } else if (!this.#wrapping) {
      this.#breakLine();
    }
  }

  /** Sets the column; the terminal itself continues a word past its edge on the next line. */
  #moveTo(column: number): void {
    const columns = this.#columns();
    this.#column = columns > 0 && !this.#hard ? column % columns : column;
  }

  get #wrapping(): boolean {
    return this.wraps && !this.#fenced;
  }

  /** An indentation of more than half a line would leave too little for words. */
  get #usedHang(): readonly Run[] {
    return runsWidth(this.hang) * 2 <= this.#columns() ? this.hang : [];
  }

  /** Terminals differ in how they wrap at the last column, so it stays free. */
  get #limit(): number {
    const columns = this.#columns();
    return columns >= (this.#hard ? 2 : leastColumns) ? columns - 1 : Number.POSITIVE_INFINITY;
  }
}

function columnAfter(start: number, blanks: readonly Run[]): number {
  return blanks.reduce((column, { text }) => column + (text === '\t' ? tabStop - (column % tabStop) : 1), start);
}

/** Wraps one of the command's own messages for a terminal; a pipe or a file gets it unchanged. */
export function wrapFor(stream: NodeJS.WriteStream, text: string): string {
  if (!stream.isTTY) return text;
  const words = new WordWrap(() => stream.columns);
  return words.write(text) + words.end();
}
