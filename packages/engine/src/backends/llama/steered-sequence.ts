import type { TokenLogprob } from '@headway/protocol';
import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { LogprobSampler } from './token-logprobs.ts';

type GrammarState = LlamaGrammarEvaluationState | undefined;

export interface Steering {
  /** What the next token must follow, given what node-llama-cpp would have it follow. */
  grammar: (own: GrammarState) => GrammarState;
  /** Every token that is written, end tokens included, before the next one is. */
  onToken: (token: Token, logprob: TokenLogprob | null) => void;
  logprobs: LogprobSampler | null;
}

/**
 * A sequence on which LlamaChat and LlamaCompletion write as on the one beneath, except that somebody looks on and has a
 * say in what the next token may be. They tell of tokens late, of those of a tool call not at all, and take no grammar
 * for its arguments.
 */
export function steerSequence(sequence: LlamaContextSequence, steering: Steering): LlamaContextSequence {
  return new Proxy(sequence, {
    get(target, key) {
      if (key === 'evaluate')
        return (tokens: Token[], options: SequenceEvaluateOptions = {}) => evaluate(target, tokens, options, steering);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

async function* evaluate(
  sequence: LlamaContextSequence,
  tokens: Token[],
  options: SequenceEvaluateOptions,
  { grammar, onToken, logprobs }: Steering,
): AsyncGenerator<Token, void, Token | Token[] | undefined> {
  const { grammarEvaluationState: own } = options;
  const rules = () => grammar(typeof own === 'function' ? own() : own);
  const written = sequence.evaluateWithMetadata(
    tokens,
    { probabilities: logprobs !== null },
    // At temperature 0 nothing is cut off, and the probabilities are those of the model.
    logprobs
      ? { ...options, temperature: 0, grammarEvaluationState: undefined }
      : { ...options, grammarEvaluationState: rules },
  );
  try {
    let next: Token | Token[] | undefined;
    for (;;) {
      const { value, done } = await written.next(next);
      if (done) return;
      const chosen: Choice = logprobs
        ? logprobs.choose(probabilitiesOf(value), rules())
        : { token: value.token, logprob: null };
      onToken(chosen.token, chosen.logprob);
      const replacement = yield chosen.token;
      // What was not chosen by node-llama-cpp has to be told to it.
      next = replacement ?? (chosen.token === value.token ? undefined : chosen.token);
    }
  } finally {
    await written.return();
  }
}

/** They are there when they are asked for, which the types don't see. */
function probabilitiesOf(value: object): ReadonlyMap<Token, number> {
  return (value as { probabilities: ReadonlyMap<Token, number> }).probabilities;
}

interface Choice {
  token: Token;
  logprob: TokenLogprob | null;
}
