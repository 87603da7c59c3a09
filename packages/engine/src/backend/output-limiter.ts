import type { DecodedPiece, DecodeEnd } from './backend.ts';

export interface PieceGateOptions {
  /** The text ends before the first of these. */
  stop: readonly string[];
  /** Tokens to let through at most. */
  maxTokens: number;
  onPiece: (piece: DecodedPiece) => void;
}

/**
 * Where an answer's pieces pass on their way out. It ends the answer before a stop string, which may lie across pieces:
 * what could be the beginning of one is held back until that is known, and comes out at the end if it was none. And it
 * lets no more tokens pass than were asked for. Stop strings are looked for in the channel `content` alone.
 */
export class PieceGate {
  readonly #options: PieceGateOptions;
  #held: DecodedPiece[] = [];
  #tokens = 0;
  #end: 'stop' | 'length' | null = null;
  #stopString: string | undefined;

  constructor(options: PieceGateOptions) {
    this.#options = options;
  }

  /** Why the answer was ended here; null when it was not. */
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
    this.#releaseWhole(text.length - longestBeginning(text, this.#options.stop));
  }

  /** Nothing more comes, whatever the reason: what was held back was no stop string. */
  flush(): void {
    for (const piece of this.#held) this.#options.onPiece(piece);
    this.#held = [];
  }

  #finish(end: 'stop' | 'length'): void {
    this.flush();
    this.#end = end;
  }

  /** Lets the pieces out that end within the first `length` characters; the others stay. */
  #releaseWhole(length: number): void {
    let left = length;
    while (this.#held[0] && this.#held[0].text.length <= left) {
      const [piece] = this.#held.splice(0, 1);
      if (!piece) return;
      left -= piece.text.length;
      this.#options.onPiece(piece);
    }
  }

  /** Lets the first `length` characters out. A token that is cut counts, those behind the cut do not. */
  #release(length: number): void {
    let left = length;
    for (const piece of this.#held) {
      if (left <= 0) return;
      this.#options.onPiece({ ...piece, text: piece.text.slice(0, left) });
      left -= piece.text.length;
    }
  }
}

/** Which of the strings begins first in the text, and where; null when none is in it. */
function firstOf(text: string, strings: readonly string[]): { string: string; at: number } | null {
  const found = strings.map((string) => ({ string, at: text.indexOf(string) })).filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => a.at - b.at)[0] ?? null;
}

/** How many of the text's last characters could be the beginning of one of the strings. */
function longestBeginning(text: string, strings: readonly string[]): number {
  let longest = 0;
  for (const one of strings) {
    for (let length = Math.min(one.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(one.slice(0, length))) longest = length;
    }
  }
  return longest;
}
