import type { TokenLogprob } from '@headway/protocol';
import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { PieceGate } from '../../../piece-gate.ts';
import type { PlainPrompt } from '../render-prompt.ts';
import { penaltyWindow } from '../sampling.ts';
import { grammarBehind, type LogprobSampler } from '../token-logprobs.ts';
import { AnswerText } from './answer-text.ts';
import { ThoughtReader } from './thought-reader.ts';
import { writeTokens } from './write-tokens.ts';

export interface AnswerOptions {
  sequence: LlamaContextSequence;
  prompt: PlainPrompt;
  /** Where the answer's pieces go; when it has ended, the answer has. */
  gate: PieceGate;
  logprobs: LogprobSampler | null;
  sampling: Omit<SequenceEvaluateOptions, 'repeatPenalty'>;
  signal: AbortSignal;
}

/** An answer that is written token by token behind a prompt that has been read. */
export class Answer {
  readonly #options: AnswerOptions;
  readonly #text: AnswerText;
  readonly #thought: ThoughtReader;
  readonly #format: LlamaGrammarEvaluationState | undefined;
  readonly #thoughtEnd: readonly Token[];
  /** Of tokens that have made no whole character yet, or might be a mark. */
  #count = 0;
  #logprobs: TokenLogprob[] = [];

  /** The prompt's tokens and those written. */
  readonly story: Token[];

  constructor(options: AnswerOptions) {
    this.#options = options;
    const { sequence, prompt } = options;
    const { thought, startsInThought, format, begun } = prompt;
    const { model } = sequence;
    this.#text = new AnswerText(model, (mark) => mark === thought?.open || mark === thought?.close);
    this.#thought = new ThoughtReader(thought, startsInThought, begun !== '');
    this.#thoughtEnd = thought && format ? model.tokenize(thought.close, true, 'trimLeadingSpace') : [];
    this.#format = format ? grammarBehind(model, format, begun) : undefined;
    this.story = [...prompt.tokens];
  }

  /**
   * Writes up to so many tokens behind these, which are not in memory yet. Says what ended it: the limit, or something
   * else, which is the gate's to say or the model's own end.
   *
   * @throws the signal's reason, after the token at hand
   */
  async write(behind: readonly Token[], limit: number): Promise<'limit' | 'end'> {
    const { sequence, gate, prompt, logprobs, sampling, signal } = this.#options;
    const { model } = sequence;
    const { repeatPenalty } = prompt.request;
    let left = limit;
    const tokens = writeTokens(behind, {
      sequence,
      grammar: () => (this.#thought.thinks ? undefined : this.#format),
      // Whoever ends its answer in mid-thought has not given one yet.
      instead: (token) => (this.#format && this.#thought.thinks && model.isEogToken(token) ? this.#thoughtEnd : null),
      logprobs,
      sampling: {
        ...sampling,
        ...(repeatPenalty !== 1 && {
          repeatPenalty: { punishTokens: () => this.story.slice(-penaltyWindow), penalty: repeatPenalty },
        }),
      },
      signal,
    });
    for await (const { token, logprob } of tokens) {
      if (model.isEogToken(token)) return 'end';
      this.story.push(token);
      this.#push(token, logprob);
      if (gate.end !== null) return 'end';
      if (--left <= 0) return 'limit';
    }
    return 'end';
  }

  /** Nothing more comes: what was held back is let out. */
  end(): void {
    for (const { channel, text } of this.#thought.end()) this.#release(channel, text);
    this.#options.gate.flush();
  }

  #push(token: Token, logprob: TokenLogprob | null): void {
    this.#count++;
    if (logprob) this.#logprobs.push(logprob);
    for (const { channel, text } of this.#thought.push(this.#text.push(token))) this.#release(channel, text);
  }

  #release(channel: 'content' | 'reasoning', text: string): void {
    const { gate, logprobs } = this.#options;
    gate.push({ text, count: this.#count, channel, ...(logprobs && { logprobs: this.#logprobs }) });
    this.#count = 0;
    this.#logprobs = [];
  }
}
