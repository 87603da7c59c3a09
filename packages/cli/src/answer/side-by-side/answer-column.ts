import { foreignText, type DoneEvent, type ErrorEvent, type TokenEvent } from '@headway/protocol';

import { createAnswerText, type AnswerText, type AnswerTextOptions } from '../answer-text.ts';
import { formatRate } from '../generation-facts.ts';

export type ColumnOptions = Pick<AnswerTextOptions, 'colors' | 'markdown'>;

type Piece = Pick<TokenEvent, 'channel' | 'text'>;

/** One of several answers: its text in lines of any width, and its state in a line. */
export class AnswerColumn {
  readonly pieces: Piece[] = [];
  readonly #number: number;
  readonly #options: ColumnOptions;
  #tokens = 0;
  #rate: number | null = null;
  #end: DoneEvent | ErrorEvent | null = null;
  #width = 0;
  #text: AnswerText | null = null;
  #lines: string[] = [''];

  constructor(number: number, options: ColumnOptions) {
    this.#number = number;
    this.#options = options;
  }

  get end(): DoneEvent | ErrorEvent | null {
    return this.#end;
  }

  /** Whether the answer has a code block, whose lines a column would break. */
  get hasCode(): boolean {
    const text = this.pieces.map((piece) => (piece.channel === 'content' ? piece.text : '')).join('');
    return /^[ \t]*(```|~~~)/m.test(text);
  }

  write({ channel, text, completionTokens, tokensPerSecond }: TokenEvent): void {
    this.pieces.push({ channel, text });
    this.#tokens = completionTokens;
    this.#rate = tokensPerSecond || null;
    if (this.#text) this.#add(this.#text.write({ channel, text }));
  }

  finish(event: DoneEvent | ErrorEvent): void {
    this.#end = event;
    this.#tokens = event.usage.completionTokens;
    if (event.type === 'done') this.#rate = event.timings.decodeTokensPerSecond;
    if (this.#text) this.#add(this.#text.end());
  }

  /** The text so far in lines of at most `width` columns. */
  lines(width: number): readonly string[] {
    if (this.#width !== width || !this.#text) {
      this.#width = width;
      this.#lines = [''];
      const text = (this.#text = createAnswerText({ ...this.#options, columns: () => width + 1, hard: true }));
      for (const piece of this.pieces) this.#add(text.write(piece));
      if (this.#end) this.#add(text.end());
    }
    return this.#lines;
  }

  /** `2 writing, 1,204 tokens at 35.1/s`, or less of it where `width` is less. */
  head(width: number): string {
    const state = `${this.#number} ${this.#state()}`;
    // A gateway may send anything in place of a number.
    const tokens = foreignText(this.#tokens.toLocaleString('en'));
    const unit = this.#tokens === 1 ? 'token' : 'tokens';
    const rate = this.#rate === null ? '' : ` at ${foreignText(formatRate(this.#rate))}/s`;
    const heads = [`${state}, ${tokens} ${unit}${rate}`, `${state}, ${tokens}${rate}`, `${state}, ${tokens} ${unit}`];
    return (heads.find((head) => head.length <= width) ?? state).slice(0, width);
  }

  #add(text: string): void {
    const [first = '', ...rest] = text.split('\n');
    const last = this.#lines.length - 1;
    this.#lines[last] += first;
    this.#lines.push(...rest);
  }

  #state(): string {
    if (!this.#end) return this.pieces.length === 0 ? 'waiting' : 'writing';
    if (this.#end.type === 'error') return 'failed';
    switch (this.#end.finishReason) {
      case 'stop':
      case 'tool-calls':
        return 'done';
      case 'length':
        return 'cut off';
      case 'cancelled':
        return 'stopped';
      default:
        return this.#end.finishReason satisfies never;
    }
  }
}
