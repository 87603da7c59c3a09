import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Longer clusters are no characters, but marks heaped upon one; they are taken as they come. */
const longestCluster = 64;
/** Fewer columns hold no words. */
const leastColumns = 16;
/** What is held back of a word, or of blanks, in UTF-16 units, where a line holds more. */
const longestHeld = 1000;
const tabStop = 8;

const fence = /^(```|~~~)/;
/** Scripts that are written without blanks: a line may end behind any character, but not before a point. */
const ideograph = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uff60]/u;
const closing = /^[、。，．：；？！）」』】〉》〕ー々…‥.,:;?!)\]}'"’”]/;
const opening = /[（「『【〈《〔([{‘“]$/;

/**
 * Breaks a text that comes in pieces between its words, so that a terminal breaks none. What may still grow is held back:
 * a word at most, and no more of it than a line holds. Blanks at a break are left out, nothing else is. Code between fences
 * and words longer than a line are left to the terminal, so that they can be copied whole.
 */
export class WordWrap {
  readonly #columns: () => number;
  /** The last character, which the next piece may still add to. */
  #cluster = '';
  /** Blanks between what was written and the word. */
  #gap = '';
  #word = '';
  #wordWidth = 0;
  /** Whether the word's beginning was written already. */
  #wordBegun = false;
  /** Whether a line may end behind the word, as it is. */
  #mayEnd = false;
  #column = 0;
  #fenced = false;

  /** @param columns of the terminal, as it is now; 0 where they are not known */
  constructor(columns: () => number) {
    this.#columns = columns;
  }

  /** What of the text so far can be written. */
  write(piece: string): string {
    const clusters = Array.from(graphemes.segment(this.#cluster + piece), ({ segment }) => segment);
    const last = clusters.at(-1) ?? '';
    this.#cluster = last.length <= longestCluster ? last : '';
    if (this.#cluster !== '') clusters.pop();
    return clusters.map((cluster) => this.#take(cluster)).join('');
  }

  /** What was held back. */
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

  /** Writes the word, in the next line if it does not fit into this one. */
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

  /** Writes blanks that no word follows. */
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

  /** The terminal goes on in the next line by itself. */
  #moveTo(column: number): void {
    const columns = this.#columns();
    this.#column = columns > 0 ? column % columns : column;
  }

  /** One column stays free: terminals differ in what they do at the last one. */
  get #limit(): number {
    const columns = this.#columns();
    return columns >= leastColumns ? columns - 1 : Number.POSITIVE_INFINITY;
  }
}

/** A line of ours for a terminal, broken between its words; as it is for a pipe or a file. */
export function wrapFor(stream: NodeJS.WriteStream, text: string): string {
  if (!stream.isTTY) return text;
  const words = new WordWrap(() => stream.columns);
  return words.write(text) + words.end();
}
