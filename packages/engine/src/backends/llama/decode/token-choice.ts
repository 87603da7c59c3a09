import type { TokenLogprob } from '@headway/protocol';
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';

import type { LogprobSampler } from './token-logprobs.ts';

export interface WrittenToken {
  token: Token;
  logprob: TokenLogprob | null;
}

export interface TokenChoiceOptions {
  /** Draws tokens itself when the request asks for log-probabilities. */
  logprobs: LogprobSampler | null;
  /** The next token's grammar. */
  grammar: () => LlamaGrammarEvaluationState | undefined;
  /** Tokens that replace one that the model chose; null keeps it. */
  replacementOf: (token: Token) => readonly Token[] | null;
}

/** Decides which token follows what llama.cpp drew. */
export class TokenChoice {
  readonly #options: TokenChoiceOptions;
  #waiting: readonly Token[] = [];

  constructor(options: TokenChoiceOptions) {
    this.#options = options;
  }

  after(drawn: Token, probabilities: ReadonlyMap<Token, number>): WrittenToken {
    const { logprobs, grammar, replacementOf } = this.#options;
    const written = (token: Token): WrittenToken =>
      logprobs?.withLogprob(probabilities, token) ?? { token, logprob: null };
    const [first, ...others] = this.#waiting;
    if (first !== undefined) {
      this.#waiting = others;
      return written(first);
    }
    const chosen = logprobs ? logprobs.choose(probabilities, grammar()) : { token: drawn, logprob: null };
    const [replacement, ...more] = replacementOf(chosen.token) ?? [];
    if (replacement === undefined) return chosen;
    this.#waiting = more;
    return written(replacement);
  }
}
