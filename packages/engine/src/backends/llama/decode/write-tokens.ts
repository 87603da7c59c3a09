import type { TokenLogprob } from '@headway/protocol';
import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { LogprobSampler } from './token-logprobs.ts';

export interface WriteTokensOptions {
  sequence: LlamaContextSequence;
  /** What the next token must follow; asked before each. */
  grammar: () => LlamaGrammarEvaluationState | undefined;
  /** What is written in the place of a token that the model chose; null leaves it. */
  instead: (token: Token) => readonly Token[] | null;
  logprobs: LogprobSampler | null;
  sampling: Omit<SequenceEvaluateOptions, 'grammarEvaluationState' | 'yieldEogToken'>;
  signal: AbortSignal;
}

export interface WrittenToken {
  token: Token;
  logprob: TokenLogprob | null;
}

/**
 * Evaluates a prompt's last tokens and writes on, token by token, past end tokens too: whoever reads stops. A token is
 * in the sequence's memory when the next one is asked for.
 *
 * @throws the signal's reason, after the token at hand
 */
export async function* writeTokens(
  tokens: readonly Token[],
  { sequence, grammar, instead, logprobs, sampling, signal }: WriteTokensOptions,
): AsyncGenerator<WrittenToken> {
  signal.throwIfAborted();
  const written = sequence.evaluateWithMetadata(
    [...tokens],
    { probabilities: logprobs !== null },
    // At temperature 0 nothing is cut off, and the probabilities are those of the model.
    logprobs
      ? { ...sampling, temperature: 0, yieldEogToken: true }
      : { ...sampling, grammarEvaluationState: grammar, yieldEogToken: true },
  );
  let waiting: readonly Token[] = [];
  try {
    let next: Token | undefined;
    for (;;) {
      const { value, done } = await written.next(next);
      if (done) return;
      signal.throwIfAborted();
      const given = (token: Token): WrittenToken =>
        logprobs?.given(probabilitiesOf(value), token) ?? { token, logprob: null };
      let chosen: WrittenToken = { token: value.token, logprob: null };
      const [first, ...others] = waiting;
      if (first !== undefined) {
        chosen = given(first);
        waiting = others;
      } else {
        if (logprobs) chosen = logprobs.choose(probabilitiesOf(value), grammar());
        const [replacement, ...more] = instead(chosen.token) ?? [];
        if (replacement !== undefined) {
          chosen = given(replacement);
          waiting = more;
        }
      }
      yield chosen;
      // What was not chosen by node-llama-cpp has to be told to it.
      next = chosen.token === value.token ? undefined : chosen.token;
    }
  } finally {
    await written.return();
  }
}

/** They are there when they are asked for, which the types don't see. */
function probabilitiesOf(value: object): ReadonlyMap<Token, number> {
  return (value as { probabilities: ReadonlyMap<Token, number> }).probabilities;
}
