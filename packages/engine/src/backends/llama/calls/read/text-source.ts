import type { Mark } from '../form/call-form.ts';

/** A step of reading that waits, wherever it yields, for more text or for its end. */
export type Reading<T> = Generator<void, T, void>;

/** Where there is more white space at once, it is a text like any other. */
export const mostWhite = 1_000;

const white = /\s/;
const idChar = /[\w-]/;
const nameChar = /[\w.-]/;

/** Text that arrives in pieces, and what to read of it; what is not yet dropped can be read again. */
export class TextSource {
  ended = false;
  /** Whether its end is none of its own. */
  cut = false;
  /** Where reading stands. */
  at = 0;
  #buffer = '';

  add(text: string): void {
    this.#buffer += text;
  }

  get buffer(): string {
    return this.#buffer;
  }

  /** Forgets what has been read. */
  drop(): void {
    this.#buffer = this.#buffer.slice(this.at);
    this.at = 0;
  }

  /** The next character, or an empty text at the end. */
  *peek(): Reading<string> {
    while (this.at >= this.#buffer.length && !this.ended) yield;
    return this.#buffer.charAt(this.at);
  }

  *skipWhite(): Reading<void> {
    const start = this.at;
    while (this.at - start < mostWhite && white.test(yield* this.peek())) this.at++;
  }

  /** Passes over all white space, and forgets what has been read. */
  *dropWhite(): Reading<void> {
    do {
      this.drop();
      yield* this.skipWhite();
    } while (this.at > 0);
  }

  /** Passes over a text, in which white space may be more, less or none; stays where it is if there is another. */
  *take(text: string): Reading<boolean> {
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

  *takeMark(mark: Mark): Reading<boolean> {
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

  /** Passes over exactly this text, if it comes next. */
  *takeExactly(text: string): Reading<boolean> {
    while (this.#buffer.length - this.at < text.length && !this.ended) {
      if (!text.startsWith(this.#buffer.slice(this.at))) return false;
      yield;
    }
    if (!this.#buffer.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Whether exactly this text comes next; stays before it. */
  *isNext(text: string): Reading<boolean> {
    const start = this.at;
    const found = yield* this.takeExactly(text);
    this.at = start;
    return found;
  }

  /** The characters of a class that come next. */
  *run(chars: RegExp, most = 256): Reading<string> {
    const start = this.at;
    while (this.at - start < most && chars.test(yield* this.peek())) this.at++;
    return this.#buffer.slice(start, this.at);
  }

  /** The text up to a mark, which is passed over; `null` if the text ends before it. Drops what it has read. */
  *until(mark: string): Reading<string | null> {
    const pieces: string[] = [];
    this.drop();
    for (;;) {
      const found = this.#buffer.indexOf(mark);
      // What may be the beginning of the mark stays.
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
