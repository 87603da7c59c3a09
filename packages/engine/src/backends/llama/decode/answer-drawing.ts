import type { LlamaContextSequence, SequenceEvaluateOptions, Token, TokenBias } from 'node-llama-cpp';

import type { BatchLoop } from '../batch/batch-loop.ts';
import { AnswerReader } from '../calls/read/answer-reader.ts';
import { GrammarTracker } from './grammar-tracker.ts';
import type { LlamaPrompt } from './llama-prompt.ts';
import { penaltyOptions, samplingOptions } from './sampling.ts';
import { createLogprobSampler, type LogprobSampler } from './token-logprobs.ts';
import { readAndDraw, type FirstToken } from './write-tokens.ts';

export interface AnswerDrawingOptions {
  sequence: LlamaContextSequence;
  prompt: LlamaPrompt;
  /** Which of the request's choices, counted from 0. */
  choice: number;
  /** Called on first use, as it iterates over the vocabulary. */
  noEndBias: () => TokenBias;
}

/**
 * What draws the tokens of one answer: sampling options, and the grammar that follows the answer's text. The first
 * token may be drawn before the answer is written, with the prompt's last chunk.
 */
export class AnswerDrawing {
  readonly sequence: LlamaContextSequence;
  readonly prompt: LlamaPrompt;
  readonly sampling: SequenceEvaluateOptions;
  readonly logprobs: LogprobSampler | null;
  readonly reader: AnswerReader;
  /** The prompt's tokens, followed by the answer's. */
  readonly tokens: Token[];
  readonly #grammar: GrammarTracker;
  #first: FirstToken | null = null;

  constructor({ sequence, prompt, choice, noEndBias }: AnswerDrawingOptions) {
    const { request, form, rules, promptEnd, begun } = prompt;
    const { model } = sequence;
    this.sequence = sequence;
    this.prompt = prompt;
    this.tokens = [...prompt.tokens];
    const sampling = samplingOptions(request, choice, { model, noEndBias });
    this.sampling = { ...sampling, ...penaltyOptions(request, () => this.tokens) };
    this.logprobs = createLogprobSampler(sequence, request, sampling.seed);
    this.reader = new AnswerReader({
      form,
      toolNames: rules.tools.map(({ name }) => name),
      startsInThought: promptEnd === 'in-thought',
      continues: promptEnd === 'in-answer',
      schemaOf: (name) => rules.tools.find((tool) => tool.name === name)?.parameters,
    });
    this.#grammar = new GrammarTracker(model, rules, this.reader, begun);
  }

  /** The next token's grammar. */
  readonly grammar = () => this.#grammar.next();

  /** Evaluates the prompt's last tokens, and draws the first token of the answer with them. */
  async readAndDraw(tokens: readonly Token[], loop: BatchLoop): Promise<void> {
    const { sequence, grammar, logprobs, sampling } = this;
    this.#first = await readAndDraw(tokens, { sequence, loop, grammar, logprobs, sampling });
  }

  /** The first token, if it was drawn and not taken yet. */
  takeFirst(): FirstToken | null {
    const first = this.#first;
    this.#first = null;
    return first;
  }

  /** Releases a first token that nobody took. */
  dispose(): void {
    this.takeFirst()?.sampler.dispose();
  }
}
