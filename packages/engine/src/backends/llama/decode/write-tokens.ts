import type { TokenLogprob } from '@headway/protocol';
import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { LogprobSampler } from './token-logprobs.ts';

export interface WriteTokensOptions {
  sequence: LlamaContextSequence;
  /** The next token's grammar; called before each token. */
  grammar: () => LlamaGrammarEvaluationState | undefined;
  /** Tokens that replace one that the model chose; null keeps it. */
  replacementOf: (token: Token) => readonly Token[] | null;
  logprobs: LogprobSampler | null;
  sampling: Omit<SequenceEvaluateOptions, 'grammarEvaluationState' | 'yieldEogToken'>;
  signal: AbortSignal;
}

export interface WrittenToken {
  token: Token;
  logprob: TokenLogprob | null;
}

/**
 * Evaluates a prompt's last tokens and writes on, token by token. It does not stop at an end token: the caller must. A
 * token is in the sequence's memory once the caller asks for the next one.
 *
 * @throws the signal's reason, after the current token
 */
export async function* writeTokens(
  tokens: readonly Token[],
  { sequence, grammar, replacementOf, logprobs, sampling, signal }: WriteTokensOptions,
): AsyncGenerator<WrittenToken> {
  signal.throwIfAborted();
  const written = sequence.evaluateWithMetadata(
    [...tokens],
    { probabilities: logprobs !== null },
    // At temperature 0 node-llama-cpp cuts nothing off and reports the model's own probabilities.
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
      const withLogprob = (token: Token): WrittenToken =>
        logprobs?.withLogprob(probabilitiesOf(value), token) ?? { token, logprob: null };
      let chosen: WrittenToken = { token: value.token, logprob: null };
      const [first, ...others] = waiting;
      if (first !== undefined) {
        chosen = withLogprob(first);
        waiting = others;
      } else {
        if (logprobs) chosen = logprobs.choose(probabilitiesOf(value), grammar());
        const [replacement, ...more] = replacementOf(chosen.token) ?? [];
        if (replacement !== undefined) {
          chosen = withLogprob(replacement);
          waiting = more;
        }
      }
      yield chosen;
      // node-llama-cpp must learn of a token that it did not choose itself.
      next = chosen.token === value.token ? undefined : chosen.token;
    }
  } finally {
    await written.return();
  }
}

/** Set because the call asks for probabilities; node-llama-cpp's types do not express that. */
function probabilitiesOf(value: object): ReadonlyMap<Token, number> {
  return (value as { probabilities: ReadonlyMap<Token, number> }).probabilities;
}
