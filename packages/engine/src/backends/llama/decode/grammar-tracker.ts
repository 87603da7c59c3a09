import { isHeadwayError } from '@headway/protocol';
import { LlamaGrammarEvaluationState, type LlamaGrammar, type LlamaModel } from 'node-llama-cpp';

import type { AnswerReader } from '../calls/read/answer-reader.ts';
import { grammarAfter } from './token-logprobs.ts';
import type { AnswerRules } from './answer-rules.ts';

type State = LlamaGrammarEvaluationState;

/** Selects the grammar of the next token by the state of the answer's reader. */
export class GrammarTracker {
  readonly #model: LlamaModel;
  readonly #rules: AnswerRules;
  readonly #reader: AnswerReader;
  #whole: State | null;
  #thought = false;
  #call: { index: number; stage: string; state: State | undefined } | null = null;

  /** `begun`: the part of the answer's text that the prompt already holds. */
  constructor(model: LlamaModel, rules: AnswerRules, reader: AnswerReader, begun: string) {
    this.#model = model;
    this.#rules = rules;
    this.#reader = reader;
    this.#whole = rules.whole && grammarAfter(model, rules.whole.first, begun);
  }

  /** The grammar's state for the next token; undefined where the model is free. */
  next(): State | undefined {
    const { thinks, open } = this.#reader;
    if (thinks) {
      this.#thought = true;
      return undefined;
    }
    const { whole } = this.#rules;
    if (whole) {
      if (this.#thought) this.#whole = this.#after(whole.afterThought, this.#reader.afterThought.trimStart());
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
    // White space between a mark and the text after it belongs to the mark.
    const begun = stage === 'name' ? written : written.trimStart();
    this.#call = { index, stage, state: this.#tryAfter(this.#rules.ofCall(name, stage), begun) ?? undefined };
    return this.#call.state;
  }

  #after(grammar: LlamaGrammar, text: string): State {
    return this.#tryAfter(grammar, text) ?? new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }

  /** Null when no text of the grammar begins with `text`. */
  #tryAfter(grammar: LlamaGrammar, text: string): State | null {
    try {
      return grammarAfter(this.#model, grammar, text);
    } catch (thrown) {
      if (isHeadwayError(thrown)) return null;
      throw thrown;
    }
  }
}
