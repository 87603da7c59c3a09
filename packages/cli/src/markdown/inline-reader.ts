import { plainSpan, type Span } from './inline-span.ts';
import { mayBegin, readInline } from './read-inline.ts';

/**
 * Reads the Markdown within a line as it arrives. It holds text back from a mark on until it is decided what the mark is:
 * until its end has come, the line ends, or more than a mark's text would be held.
 */
export class InlineReader {
  #held = '';
  /** The last character before the held ones. */
  #before = '';

  /** Adds text without a line break; returns what is decided. */
  write(text: string): Span[] {
    const spans: Span[] = [];
    let plain = '';
    // Character by character, so that the result does not depend on how the text is cut.
    for (const character of text) {
      if (this.#held === '' && !mayBegin.test(character)) {
        plain += character;
        this.#before = character;
        continue;
      }
      if (plain !== '') spans.push(plainSpan(plain));
      plain = '';
      this.#held += character;
      spans.push(...this.#settle(false));
    }
    if (plain !== '') spans.push(plainSpan(plain));
    return spans;
  }

  /** Ends the line. */
  end(): Span[] {
    const spans = this.#settle(true);
    this.#before = '';
    return spans;
  }

  #settle(complete: boolean): Span[] {
    const spans: Span[] = [];
    while (this.#held !== '') {
      const step = readInline(this.#held, this.#before, complete);
      if (step === null) break;
      spans.push(...step.spans);
      this.#pass(step.length);
      const next = this.#held.search(mayBegin);
      const plain = next < 0 ? this.#held.length : next;
      if (plain > 0) spans.push(plainSpan(this.#held.slice(0, plain)));
      this.#pass(plain);
    }
    return spans;
  }

  #pass(length: number): void {
    if (length > 0) this.#before = this.#held.slice(0, length).at(-1) ?? '';
    this.#held = this.#held.slice(length);
  }
}
