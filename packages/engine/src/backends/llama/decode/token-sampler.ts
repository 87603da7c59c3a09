import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type {
  ContextBindings,
  PrivateContext,
  PrivateModel,
  PrivateSequence,
  SamplerBinding,
} from '../batch/context-bindings.ts';

export interface TokenSamplerOptions {
  sequence: LlamaContextSequence;
  sampling: SequenceEvaluateOptions;
  /** Whether to report the probabilities of the whole vocabulary, without any grammar, with each token. */
  probabilities: boolean;
}

export interface DrawnToken {
  token: Token;
  /** By token, the likeliest first; empty unless asked for. */
  probabilities: ReadonlyMap<Token, number>;
}

const none: ReadonlyMap<Token, number> = new Map();

/** Draws the tokens of one answer: one of llama.cpp's sampler chains, with its random numbers. */
export class TokenSampler {
  readonly #options: Omit<TokenSamplerOptions, 'sequence'>;
  readonly #sequence: PrivateSequence;
  readonly #context: ContextBindings;
  readonly #sampler: SamplerBinding;
  #grammar: LlamaGrammarEvaluationState | undefined;
  #configured = false;

  constructor({ sequence, sampling, probabilities }: TokenSamplerOptions) {
    // At temperature 0 llama.cpp cuts nothing off and reports the model's own probabilities.
    this.#options = { sampling: probabilities ? { ...sampling, temperature: 0 } : sampling, probabilities };
    this.#sequence = sequence as unknown as PrivateSequence;
    this.#context = (sequence.context as unknown as PrivateContext)._ctx;
    const { _llama, _model } = sequence.model as unknown as PrivateModel;
    this.#sampler = new _llama._bindings.AddonSampler(_model);
  }

  /** Call it before each draw, with the next token's grammar. */
  prepare(grammarOf: () => LlamaGrammarEvaluationState | undefined): void {
    const { sampling, probabilities } = this.#options;
    const grammar = probabilities ? undefined : grammarOf();
    // Penalties depend on the tokens so far, all else but the grammar stays.
    if (this.#configured && this.#grammar === grammar && !sampling.repeatPenalty) return;
    this.#configured = true;
    this.#grammar = grammar;
    this.#sampler.applyConfig(
      this.#sequence._resolveSamplerConfig({ ...sampling, ...(grammar && { grammarEvaluationState: grammar }) }),
    );
  }

  /** Whether a draw cannot be repeated: it moves the grammar on. */
  get drawsOnce(): boolean {
    return this.#grammar !== undefined;
  }

  /** Draws after the token at this place of the batch, in a job for libuv's threads. */
  async draw(output: number): Promise<DrawnToken> {
    if (!this.#options.probabilities) {
      return { token: drawnOf(await this.#context.sampleToken(output, this.#sampler)), probabilities: none };
    }
    const [token, pairs] = await this.#context.sampleToken(output, this.#sampler, true);
    return { token: drawnOf(token), probabilities: mapOf(pairs ?? []) };
  }

  /** No draw may be running. */
  dispose(): void {
    this.#sampler.dispose();
  }
}

function drawnOf(token: Token): Token {
  if (token === -1) throw new Error('no token could be drawn');
  return token;
}

function mapOf(pairs: readonly number[]): Map<Token, number> {
  const map = new Map<Token, number>();
  for (let at = 0; at + 1 < pairs.length; at += 2) map.set(pairs[at] as Token, pairs[at + 1] as number);
  return map;
}
