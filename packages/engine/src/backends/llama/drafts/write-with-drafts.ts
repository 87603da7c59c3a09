import type { Token } from 'node-llama-cpp';

import { TokenChoice } from '../decode/token-choice.ts';
import type { WriteTokensOptions } from '../decode/write-tokens.ts';

/**
 * Like `writeTokens`, with node-llama-cpp's own loop, which evaluates the drafts of the sequence's token predictor. It
 * reports no log-probabilities.
 */
export async function writeWithDrafts(
  tokens: readonly Token[],
  {
    sequence,
    grammar,
    replacementOf,
    sampling,
    onToken,
    signal,
  }: Omit<WriteTokensOptions, 'logprobs' | 'loop' | 'first'>,
): Promise<void> {
  signal.throwIfAborted();
  const choice = new TokenChoice({ logprobs: null, grammar, replacementOf });
  const drawing = sequence.evaluate([...tokens], {
    ...sampling,
    grammarEvaluationState: grammar,
    yieldEogToken: true,
  });
  try {
    let next: Token | undefined;
    for (;;) {
      const { value: drawn, done } = await drawing.next(next);
      if (done) return;
      signal.throwIfAborted();
      const written = choice.after(drawn, new Map());
      if (!onToken(written)) return;
      // node-llama-cpp must learn of a token that it did not choose itself.
      next = written.token === drawn ? undefined : written.token;
    }
  } finally {
    await drawing.return();
  }
}
