import stringWidth from 'string-width';

const [hideCursor, showCursor] = ['\u001b[?25l', '\u001b[?25h'];
/** Terminals that know synchronized output show nothing half drawn; the others ignore it. */
const [beginUpdate, endUpdate] = ['\u001b[?2026h', '\u001b[?2026l'];
const [clearToLineEnd, clearBelow] = ['\u001b[K', '\u001b[J'];

/** Lines at the end of a terminal's output that are drawn again in place. */
export class LiveRegion {
  readonly #stream: NodeJS.WriteStream;
  #lines: readonly string[] = [];
  /** Shows the cursor again, however the process ends. */
  readonly #restore = () => void this.#stream.write(showCursor);

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Draws the lines in place of those before. Each has to be shorter than the window's width, all less than its height. */
  draw(lines: readonly string[]): void {
    if (this.#lines.length === 0) process.once('exit', this.#restore);
    const drawn = lines.map((line) => line + clearToLineEnd).join('\n');
    this.#stream.write(`${beginUpdate}${hideCursor}${this.#toStart()}${drawn}${clearBelow}${endUpdate}`);
    this.#lines = lines;
  }

  /** Removes the lines. */
  clear(): void {
    if (this.#lines.length === 0) return;
    this.#stream.write(`${this.#toStart()}${clearBelow}${showCursor}`);
    this.#lines = [];
    process.removeListener('exit', this.#restore);
  }

  /** Moves the cursor to the first line. A window that became narrower broke the lines. */
  #toStart(): string {
    const { columns, rows } = this.#stream;
    const taken = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
    const up = Math.min(taken - 1, rows - 1);
    return up > 0 ? `\r\u001b[${up}A` : '\r';
  }
}
