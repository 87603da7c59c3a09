import type { DecodedPiece, DecodeEnd } from './backend.ts';

export interface OutputLimiterOptions {
  /** The answer ends before the first of these strings. */
  stop: readonly string[];
  /** Most tokens to pass on. */
  maxTokens: number;
  onPiece: (piece: DecodedPiece) => void;
}

/**
 * Passes an answer's pieces on and ends the answer at a stop string or at the token limit. A stop string may span
 * pieces, so the limiter holds back text that could be the beginning of one until the next pieces decide; `flush`
 * releases it. Only the channel `content` is searched for stop strings.
 */
export class OutputLimiter {
  readonly #options: OutputLimiterOptions;
  #held: DecodedPiece[] = [];
  #tokens = 0;
  #end: 'stop' | 'length' | null = null;
  #stopString: string | undefined;

  constructor(options: OutputLimiterOptions) {
    this.#options = options;
  }

  /** Why the limiter ended the answer; null while it has not. */
  get end(): DecodeEnd['reason'] | null {
    return this.#end;
  }

  /** The stop string that ended the answer. */
  get stopString(): string | undefined {
    return this.#stopString;
  }

  push(piece: DecodedPiece): void {
    if (this.#end) return;
    if (this.#tokens + piece.count > this.#options.maxTokens) return this.#finish('length');
    this.#tokens += piece.count;
    if (piece.channel !== 'content' || this.#options.stop.length === 0) {
      if (this.#held.length > 0) this.flush();
      this.#options.onPiece(piece);
      return;
    }
    this.#held.push(piece);
    const text = this.#held.map((held) => held.text).join('');
    const stop = firstOf(text, this.#options.stop);
    if (stop) {
      this.#release(stop.at);
      this.#stopString = stop.string;
      this.#held = [];
      return this.#finish('stop');
    }
    this.#releaseWhole(text.length - longestStopPrefix(text, this.#options.stop));
  }

  /** Releases the held text: no more pieces come, so it is not part of a stop string. */
  flush(): void {
    for (const piece of this.#held) this.#options.onPiece(piece);
    this.#held = [];
  }

  #finish(end: 'stop' | 'length'): void {
    this.flush();
    this.#end = end;
  }

  /** Releases the pieces that end within the first `length` held characters; holds the others. */
  #releaseWhole(length: number): void {
    let left = length;
    while (this.#held[0] && this.#held[0].text.length <= left) {
      const [piece] = this.#held.splice(0, 1);
      if (!piece) return;
      left -= piece.text.length;
      this.#options.onPiece(piece);
    }
  }

  /** Releases the first `length` held characters. The token at the cut counts; tokens after it do not. */
  #release(length: number): void {
    let left = length;
    for (const piece of this.#held) {
      if (left <= 0) return;
      this.#options.onPiece({ ...piece, text: piece.text.slice(0, left) });
      left -= piece.text.length;
    }
  }
}

/** The string that begins first in the text, and its index; null when the text contains none. */
function firstOf(text: string, strings: readonly string[]): { string: string; at: number } | null {
  const found = strings.map((string) => ({ string, at: text.indexOf(string) })).filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => a.at - b.at)[0] ?? null;
}

/** The length of the text's longest suffix that is the beginning of one of the strings. */
function longestStopPrefix(text: string, strings: readonly string[]): number {
  let longest = 0;
  for (const one of strings) {
    for (let length = Math.min(one.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(one.slice(0, length))) longest = length;
    }
  }
  return longest;
}
