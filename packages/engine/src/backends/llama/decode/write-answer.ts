import type { TokenLogprob, ToolCall } from '@headway/protocol';
import type { Token } from 'node-llama-cpp';

import type { DecodedPiece } from '../../../backend/backend.ts';
import type { OutputLimiter } from '../../../backend/output-limiter.ts';
import type { AnswerPart, AnswerReader } from '../calls/read/answer-reader.ts';
import { formMarks } from '../calls/form/form-marks.ts';
import { AnswerCalls } from './answer-calls.ts';
import type { AnswerDrawing } from './answer-drawing.ts';
import { AnswerText } from './answer-text.ts';
import type { WriteTokensOptions } from './write-tokens.ts';

export interface AnswerOptions {
  drawing: AnswerDrawing;
  /** Takes the answer's pieces. The answer ends when this has ended. */
  limiter: OutputLimiter;
  /** Evaluates the last tokens and writes on until `onToken` returns false. */
  writeTokens: (tokens: readonly Token[], options: Omit<WriteTokensOptions, 'loop'>) => Promise<void>;
  signal: AbortSignal;
}

/** Writes an answer token by token after the prompt's prefill. */
export class Answer {
  readonly #options: AnswerOptions;
  readonly #text: AnswerText;
  readonly #reader: AnswerReader;
  readonly #thoughtEnd: readonly Token[];
  readonly #calls = new AnswerCalls();
  /** Tokens that have given no text yet: they end within a character or may begin a mark. */
  #count = 0;
  #logprobs: TokenLogprob[] = [];
  #last: Pick<DecodedPiece, 'channel' | 'toolCall'> = { channel: 'content' };
  #ended = false;

  constructor(options: AnswerOptions) {
    this.#options = options;
    const { sequence, prompt, reader } = options.drawing;
    const { form, rules } = prompt;
    const { model } = sequence;
    const marks = formMarks(form);
    this.#text = new AnswerText(model, (mark) => marks.includes(mark));
    this.#reader = reader;
    // After this mark the grammar begins.
    const close = rules.whole ? (form.thought?.close.trim() ?? '') : '';
    this.#thoughtEnd = model.tokenize(close, true, 'trimLeadingSpace');
  }

  /** The calls that are complete. */
  get toolCalls(): ToolCall[] {
    return this.#calls.whole;
  }

  /**
   * Writes up to `limit` tokens after `lastTokens`, which are not in memory yet unless the first token was drawn.
   * Returns 'limit', or 'end' for any other end: the limiter's, a last call or the model's end token.
   *
   * @throws the signal's reason, after the current token
   */
  async write(lastTokens: readonly Token[], limit: number): Promise<'limit' | 'end'> {
    const { drawing, limiter, signal } = this.#options;
    const { sequence, grammar, logprobs, sampling, tokens } = drawing;
    const { model } = sequence;
    let left = limit;
    let end: 'limit' | 'end' = 'end';
    await this.#options.writeTokens(lastTokens, {
      sequence,
      first: drawing.takeFirst(),
      grammar,
      // A model that ends its answer within a thought has not answered yet.
      replacementOf: (token) =>
        this.#thoughtEnd.length > 0 && this.#reader.thinks && model.isEogToken(token) ? this.#thoughtEnd : null,
      logprobs,
      sampling,
      onToken: ({ token, logprob }) => {
        if (model.isEogToken(token)) return false;
        tokens.push(token);
        this.#push(token, logprob);
        if (this.#ended || limiter.end !== null) return false;
        if (--left > 0) return true;
        end = 'limit';
        return false;
      },
      signal,
    });
    return end;
  }

  /** Releases the text that was held back. `cut`: the answer ended before the model's end token. */
  end({ cut }: { cut: boolean }): void {
    for (const part of this.#reader.end({ cut })) this.#release(part);
    const { limiter } = this.#options;
    limiter.flush();
    // Tokens without text, such as the mark that closes a call, count too.
    if (this.#count > 0 && limiter.end === null) this.#pass({ ...this.#last, text: '' });
  }

  #push(token: Token, logprob: TokenLogprob | null): void {
    this.#count++;
    if (logprob) this.#logprobs.push(logprob);
    const text = this.#text.push(token);
    if (text === '') return;
    for (const part of this.#reader.push(text)) this.#release(part);
    // The mark that closes a call belongs to the call.
    if (this.#calls.count > 0 && this.#reader.open === null) {
      this.#ended ||= this.#calls.count >= this.#options.drawing.prompt.rules.maxCalls;
    }
  }

  #release(part: AnswerPart): void {
    if (this.#ended) return;
    const { channel } = part;
    const toolCall = 'index' in part ? this.#calls.add(part) : undefined;
    if (channel === 'tool-call-end' || part.text === '') return;
    // After a call the client answers with its result; a model that continues invents one.
    if (channel === 'content' && this.#calls.count > 0) {
      this.#ended = true;
      return;
    }
    this.#last = { channel, ...(toolCall && { toolCall }) };
    this.#pass({ ...this.#last, text: part.text });
  }

  #pass(piece: Pick<DecodedPiece, 'text' | 'channel' | 'toolCall'>): void {
    const { limiter, drawing } = this.#options;
    limiter.push({ ...piece, count: this.#count, ...(drawing.logprobs && { logprobs: this.#logprobs }) });
    this.#count = 0;
    this.#logprobs = [];
  }
}
