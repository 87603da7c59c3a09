import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A longer grapheme cluster is a pile of combining marks, and is written as it arrives. */
const longestCluster = 64;
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

/**
 * Breaks the lines of a streamed text between words, so that the terminal breaks none of them. It buffers an incomplete
 * word, and at most as much of it as a line holds. It drops blanks at a break and nothing else. The terminal breaks code
 * between fences and words longer than a line, so that users can copy them whole.
 */
export class WordWrap {
  readonly #columns: () => number;
  /** The last character, which the next piece may continue. */
  #cluster = '';
  /** Blanks between the written text and the word. */
  #gap = '';
  #word = '';
  #wordWidth = 0;
  /** Whether the beginning of the word has been written. */
  #wordBegun = false;
  /** Whether a line may end after the word in its present form. */
  #mayEnd = false;
  #column = 0;
  #fenced = false;

  /** @param columns returns the terminal's present width; 0 if unknown */
  constructor(columns: () => number) {
    this.#columns = columns;
  }

  /** Adds a piece; returns the text that can be written now. */
  write(piece: string): string {
    const clusters = Array.from(graphemes.segment(this.#cluster + piece), ({ segment }) => segment);
    const last = clusters.at(-1) ?? '';
    this.#cluster = last.length <= longestCluster ? last : '';
    if (this.#cluster !== '') clusters.pop();
    return clusters.map((cluster) => this.#take(cluster)).join('');
  }

  /** Returns the buffered rest. */
  end(): string {
    const cluster = this.#cluster;
    this.#cluster = '';
    return (cluster === '' ? '' : this.#take(cluster)) + this.#place() + this.#placeBlanks();
  }

  #take(cluster: string): string {
    if (cluster === '\n') {
      const line = this.#place() + this.#placeBlanks();
      this.#column = 0;
      return `${line}\n`;
    }
    if (cluster === ' ' || cluster === '\t') {
      const placed = this.#place();
      this.#gap += cluster;
      return this.#gap.length < Math.min(this.#limit, longestHeld) ? placed : placed + this.#placeBlanks();
    }
    const wide = ideograph.test(cluster);
    const breaks = (wide || this.#mayEnd) && !closing.test(cluster) && !opening.test(this.#word);
    const placed = breaks ? this.#place() : '';
    this.#word += cluster;
    this.#wordWidth += stringWidth(cluster);
    this.#mayEnd = wide || (this.#mayEnd && closing.test(cluster));
    if (this.#wordWidth < this.#limit && this.#word.length < longestHeld) return placed;
    const begun = this.#place();
    this.#wordBegun = true;
    return placed + begun;
  }

  /** Writes the word, on the next line if it does not fit on this one. */
  #place(): string {
    const [word, width, gap, begun] = [this.#word, this.#wordWidth, this.#gap, this.#wordBegun];
    this.#wordBegun = false;
    this.#mayEnd = false;
    if (word === '') return '';
    this.#word = '';
    this.#wordWidth = 0;
    this.#gap = '';
    if (this.#column === 0 && fence.test(word)) this.#fenced = !this.#fenced;
    const end = this.#columnAfter(gap) + width;
    const breaks = !begun && !this.#fenced && this.#column > 0 && end > this.#limit;
    this.#moveTo(breaks ? width : end);
    return breaks ? `\n${word}` : gap + word;
  }

  /** Writes trailing blanks. */
  #placeBlanks(): string {
    const gap = this.#gap;
    this.#moveTo(this.#columnAfter(gap));
    this.#gap = '';
    return gap;
  }

  #columnAfter(blanks: string): number {
    let column = this.#column;
    for (const blank of blanks) column += blank === '\t' ? tabStop - (column % tabStop) : 1;
    return column;
  }

  /** Sets the column; the terminal itself continues a word past its edge on the next line. */
  #moveTo(column: number): void {
    const columns = this.#columns();
    this.#column = columns > 0 ? column % columns : column;
  }

  /** Terminals differ in how they wrap at the last column, so it stays free. */
  get #limit(): number {
    const columns = this.#columns();
    return columns >= leastColumns ? columns - 1 : Number.POSITIVE_INFINITY;
  }
}

/** Wraps one of the command's own messages for a terminal; a pipe or a file gets it unchanged. */
export function wrapFor(stream: NodeJS.WriteStream, text: string): string {
  if (!stream.isTTY) return text;
  const words = new WordWrap(() => stream.columns);
  return words.write(text) + words.end();
}
