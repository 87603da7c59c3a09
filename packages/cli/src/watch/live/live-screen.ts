export interface LiveScreenOptions {
  output: NodeJS.WriteStream;
  input: NodeJS.ReadStream;
  /** Called when the window has another size, or is shown again. */
  onResize: () => void;
  /** Called when the user presses q. */
  onQuit: () => void;
}

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
/** Terminals that know these show a frame only when it is whole; the others ignore them. */
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';
const home = '\u001b[H';
const eraseToLineEnd = '\u001b[K';
const eraseBelow = '\u001b[J';

const ctrlC = '\u0003';
const ctrlZ = '\u001a';

/**
 * A screen that is redrawn in place, beside the one with the user's commands, which comes back at the end. Lines are written
 * over the old ones, and nothing is erased first, so that nothing flickers. Typed keys do not show.
 */
export class LiveScreen {
  readonly #options: LiveScreenOptions;
  readonly #raw: boolean;
  #open = false;

  constructor(options: LiveScreenOptions) {
    this.#options = options;
    const { input, output } = options;
    this.#raw = input.isTTY;
    this.#enter();
    output.on('resize', options.onResize);
    if (this.#raw) input.on('data', this.#onKeys);
    process.on('SIGCONT', this.#onContinued);
    // Also when a second Ctrl-C ends the process at once.
    process.once('exit', this.#leave);
  }

  get size(): { columns: number; rows: number } {
    const { columns, rows } = this.#options.output;
    return { columns, rows };
  }

  /** `lines` must fit the window. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const drawn = lines.map((line) => `${line}${eraseToLineEnd}`).join('\r\n');
    this.#options.output.write(`${begin}${home}${drawn}${eraseBelow}${end}`);
  }

  close(): void {
    const { input, output, onResize } = this.#options;
    output.off('resize', onResize);
    if (this.#raw) input.off('data', this.#onKeys);
    process.off('SIGCONT', this.#onContinued);
    process.off('exit', this.#leave);
    this.#leave();
  }

  #enter(): void {
    const { input, output } = this.#options;
    if (this.#raw) input.setRawMode(true).resume();
    output.write(enter);
    this.#open = true;
  }

  readonly #leave = (): void => {
    if (!this.#open) return;
    this.#open = false;
    const { input, output } = this.#options;
    if (this.#raw) input.setRawMode(false).pause();
    output.write(leave);
  };

  /** A raw terminal passes on what would be signals. */
  readonly #onKeys = (keys: Buffer): void => {
    const text = keys.toString('latin1');
    if (text.includes(ctrlC)) process.kill(process.pid, 'SIGINT');
    else if (text === ctrlZ) {
      this.#leave();
      process.kill(process.pid, 'SIGTSTP');
    } else if (text === 'q') this.#options.onQuit();
  };

  readonly #onContinued = (): void => {
    if (this.#open) return;
    this.#enter();
    this.#options.onResize();
  };
}
