import { isHeadwayError } from '@headway/protocol';
import { LlamaGrammarEvaluationState, type LlamaGrammar, type LlamaModel } from 'node-llama-cpp';

import type { AnswerReader } from '../calls/read/answer-reader.ts';
import { grammarBehind } from './token-logprobs.ts';
import type { AnswerRules } from './answer-rules.ts';

type State = LlamaGrammarEvaluationState;

/** Knows what the next token must follow, by where the reader stands. */
export class AnswerHold {
  readonly #model: LlamaModel;
  readonly #rules: AnswerRules;
  readonly #reader: AnswerReader;
  #whole: State | null;
  #thought = false;
  #call: { index: number; stage: string; state: State | undefined } | null = null;

  /** `begun`: what stands in the prompt of what is said. */
  constructor(model: LlamaModel, rules: AnswerRules, reader: AnswerReader, begun: string) {
    this.#model = model;
    this.#rules = rules;
    this.#reader = reader;
    this.#whole = rules.whole && grammarBehind(model, rules.whole.first, begun);
  }

  /** Undefined where the model may write what it likes. */
  next(): State | undefined {
    const { thinks, open } = this.#reader;
    if (thinks) {
      this.#thought = true;
      return undefined;
    }
    const { whole } = this.#rules;
    if (whole) {
      if (this.#thought) this.#whole = this.#behind(whole.behindThought, this.#reader.behindThought.trimStart());
      this.#thought = false;
      return this.#whole ?? undefined;
    }
    if (!open) {
      this.#call = null;
      return undefined;
    }
    const { name, index, stage, written } = open;
    const known = this.#call;
    if (known?.index === index && (known.state || known.stage === stage)) return known.state;
    // White space between a mark and what follows on it belongs to the mark.
    const begun = stage === 'name' ? written : written.trimStart();
    this.#call = { index, stage, state: this.#tryBehind(this.#rules.ofCall(name, stage), begun) ?? undefined };
    return this.#call.state;
  }

  #behind(grammar: LlamaGrammar, text: string): State {
    return this.#tryBehind(grammar, text) ?? new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }

  /** Null when the grammar lets no text begin so. */
  #tryBehind(grammar: LlamaGrammar, text: string): State | null {
    try {
      return grammarBehind(this.#model, grammar, text);
    } catch (thrown) {
      if (isHeadwayError(thrown)) return null;
      throw thrown;
    }
  }
}
