import type { Mark } from '../form/call-form.ts';

/** A parsing step. It yields when it needs more text or the end of the text. */
export type Parse<T> = Generator<void, T, void>;

/** A longer run of white space counts as text. */
export const mostWhite = 1_000;

const white = /\s/;
const idChar = /[\w-]/;
const nameChar = /[\w.-]/;

/**
 * Text that arrives in pieces, and the position up to which it was read. Text that was not dropped can be read again.
 */
export class TextSource {
  ended = false;
  /** Whether the text was cut off at its end. */
  cut = false;
  /** The current position in the buffer. */
  at = 0;
  #buffer = '';

  add(text: string): void {
    this.#buffer += text;
  }

  get buffer(): string {
    return this.#buffer;
  }

  /** Removes the text before the position. */
  drop(): void {
    this.#buffer = this.#buffer.slice(this.at);
    this.at = 0;
  }

  /** The next character, or an empty string at the end. */
  *peek(): Parse<string> {
    while (this.at >= this.#buffer.length && !this.ended) yield;
    return this.#buffer.charAt(this.at);
  }

  *skipWhite(): Parse<void> {
    const start = this.at;
    while (this.at - start < mostWhite && white.test(yield* this.peek())) this.at++;
  }

  /** Skips all white space, and drops the text up to there. */
  *dropWhite(): Parse<void> {
    do {
      this.drop();
      yield* this.skipWhite();
    } while (this.at > 0);
  }

  /** Consumes a text, in which the amount of white space may differ. Stays in place if another text comes. */
  *take(text: string): Parse<boolean> {
    const start = this.at;
    for (let index = 0; index < text.length; index++) {
      const char = text.charAt(index);
      if (white.test(char)) {
        if (index === 0 || !white.test(text.charAt(index - 1))) yield* this.skipWhite();
      } else if ((yield* this.peek()) === char) this.at++;
      else {
        this.at = start;
        return false;
      }
    }
    return true;
  }

  *takeMark(mark: Mark): Parse<boolean> {
    const start = this.at;
    for (const piece of mark) {
      if (typeof piece !== 'string') yield* this.run(piece.fill === 'name' ? nameChar : idChar);
      else if (!(yield* this.take(piece))) {
        this.at = start;
        return false;
      }
    }
    return true;
  }

  /** Consumes exactly this text, if it comes next. */
  *takeExactly(text: string): Parse<boolean> {
    while (this.#buffer.length - this.at < text.length && !this.ended) {
      if (!text.startsWith(this.#buffer.slice(this.at))) return false;
      yield;
    }
    if (!this.#buffer.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Whether exactly this text comes next. Does not consume it. */
  *isNext(text: string): Parse<boolean> {
    const start = this.at;
    const found = yield* this.takeExactly(text);
    this.at = start;
    return found;
  }

  /** The next characters that are in this class. */
  *run(chars: RegExp, most = 256): Parse<string> {
    const start = this.at;
    while (this.at - start < most && chars.test(yield* this.peek())) this.at++;
    return this.#buffer.slice(start, this.at);
  }

  /** The text up to a mark, which is consumed; `null` if the text ends before it. Drops what it reads. */
  *until(mark: string): Parse<string | null> {
    const pieces: string[] = [];
    this.drop();
    for (;;) {
      const found = this.#buffer.indexOf(mark);
      // The rest may be the beginning of the mark.
      const to = found === -1 ? Math.max(0, this.#buffer.length - mark.length + 1) : found;
      pieces.push(this.#buffer.slice(0, to));
      this.at = found === -1 ? to : to + mark.length;
      this.drop();
      if (found !== -1) return pieces.join('');
      if (this.ended) return null;
      yield;
    }
  }
}
