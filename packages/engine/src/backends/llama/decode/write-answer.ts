import type { TokenLogprob, ToolCall } from '@headway/protocol';
import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { DecodedPiece } from '../../../backend/backend.ts';
import type { OutputLimiter } from '../../../backend/output-limiter.ts';
import { AnswerReader, type AnswerPart } from '../calls/read/answer-reader.ts';
import { formMarks } from '../calls/form/form-marks.ts';
import type { LlamaPrompt } from './llama-prompt.ts';
import { penaltyOptions } from './sampling.ts';
import type { LogprobSampler } from './token-logprobs.ts';
import { AnswerCalls } from './answer-calls.ts';
import { AnswerHold } from './answer-hold.ts';
import { AnswerText } from './answer-text.ts';
import { writeTokens } from './write-tokens.ts';

export interface AnswerOptions {
  sequence: LlamaContextSequence;
  prompt: LlamaPrompt;
  /** Where the answer's pieces go; when it has ended, the answer has. */
  gate: OutputLimiter;
  logprobs: LogprobSampler | null;
  sampling: Omit<SequenceEvaluateOptions, 'repeatPenalty'>;
  signal: AbortSignal;
}

/** An answer that is written token by token behind a prompt that has been read. */
export class Answer {
  readonly #options: AnswerOptions;
  readonly #text: AnswerText;
  readonly #reader: AnswerReader;
  readonly #hold: AnswerHold;
  readonly #thoughtEnd: readonly Token[];
  readonly #calls = new AnswerCalls();
  /** Of tokens that have made no whole character yet, or might be a mark. */
  #count = 0;
  #logprobs: TokenLogprob[] = [];
  #last: Pick<DecodedPiece, 'channel' | 'toolCall'> = { channel: 'content' };
  #ended = false;

  /** The prompt's tokens and those written. */
  readonly story: Token[];

  constructor(options: AnswerOptions) {
    this.#options = options;
    const { sequence, prompt } = options;
    const { form, rules, promptEnd, begun } = prompt;
    const { model } = sequence;
    const marks = formMarks(form);
    this.#text = new AnswerText(model, (mark) => marks.includes(mark));
    this.#reader = new AnswerReader({
      form,
      toolNames: rules.tools.map(({ name }) => name),
      startsInThought: promptEnd === 'in-thought',
      continues: promptEnd === 'in-answer',
      schemaOf: (name) => rules.tools.find((tool) => tool.name === name)?.parameters,
    });
    this.#hold = new AnswerHold(model, rules, this.#reader, begun);
    // Behind the mark the rules begin.
    const close = rules.whole ? (form.thought?.close.trim() ?? '') : '';
    this.#thoughtEnd = model.tokenize(close, true, 'trimLeadingSpace');
    this.story = [...prompt.tokens];
  }

  /** The calls that are whole. */
  get toolCalls(): ToolCall[] {
    return this.#calls.whole;
  }

  /**
   * Writes up to so many tokens behind these, which are not in memory yet. Says what ended it: the limit, or something
   * else, which is the gate's to say, a last call or the model's own end.
   *
   * @throws the signal's reason, after the token at hand
   */
  async write(behind: readonly Token[], limit: number): Promise<'limit' | 'end'> {
    const { sequence, gate, prompt, logprobs, sampling, signal } = this.#options;
    const { model } = sequence;
    let left = limit;
    const tokens = writeTokens(behind, {
      sequence,
      grammar: () => this.#hold.next(),
      // Whoever ends its answer in mid-thought has not given one yet.
      instead: (token) =>
        this.#thoughtEnd.length > 0 && this.#reader.thinks && model.isEogToken(token) ? this.#thoughtEnd : null,
      logprobs,
      sampling: { ...sampling, ...penaltyOptions(prompt.request, () => this.story) },
      signal,
    });
    for await (const { token, logprob } of tokens) {
      if (model.isEogToken(token)) return 'end';
      this.story.push(token);
      this.#push(token, logprob);
      if (this.#ended || gate.end !== null) return 'end';
      if (--left <= 0) return 'limit';
    }
    return 'end';
  }

  /** Nothing more comes: what was held back is let out. `cut`: the model had not come to its end. */
  end({ cut }: { cut: boolean }): void {
    for (const part of this.#reader.end({ cut })) this.#release(part);
    const { gate } = this.#options;
    gate.flush();
    // What came to no text, such as the mark that closes a call, was written all the same.
    if (this.#count > 0 && gate.end === null) this.#pass({ ...this.#last, text: '' });
  }

  #push(token: Token, logprob: TokenLogprob | null): void {
    this.#count++;
    if (logprob) this.#logprobs.push(logprob);
    const text = this.#text.push(token);
    if (text === '') return;
    for (const part of this.#reader.push(text)) this.#release(part);
    // The mark that closes a call belongs to it.
    if (this.#calls.count > 0 && this.#reader.open === null) {
      this.#ended ||= this.#calls.count >= this.#options.prompt.rules.maxCalls;
    }
  }

  #release(part: AnswerPart): void {
    if (this.#ended) return;
    const { channel } = part;
    const toolCall = 'index' in part ? this.#calls.add(part) : undefined;
    if (channel === 'tool-call-end' || part.text === '') return;
    // Who calls, waits for what comes back; a model that goes on makes it up.
    if (channel === 'content' && this.#calls.count > 0) {
      this.#ended = true;
      return;
    }
    this.#last = { channel, ...(toolCall && { toolCall }) };
    this.#pass({ ...this.#last, text: part.text });
  }

  #pass(piece: Pick<DecodedPiece, 'text' | 'channel' | 'toolCall'>): void {
    const { gate, logprobs } = this.#options;
    gate.push({ ...piece, count: this.#count, ...(logprobs && { logprobs: this.#logprobs }) });
    this.#count = 0;
    this.#logprobs = [];
  }
}
