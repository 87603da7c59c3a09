import type { Engine } from '@headway/engine';
import { isHeadwayError, overflowOf, type GenerateInput } from '@headway/protocol';

import type { Caller } from '../access/caller.ts';

/**
 * Counts a prompt's tokens with the model's template and tokenizer, without generating. A prompt longer than the
 * context is counted, too, unless it is so long that the engine stops counting.
 *
 * @throws HeadwayError the error with which the engine refuses the request
 */
export async function countPrompt(engine: Engine, input: GenerateInput, { owner }: Caller): Promise<number> {
  try {
    const { tokens } = await engine.estimate(input, { owner });
    return tokens;
  } catch (thrown) {
    const counted = countedBeyondContext(thrown);
    if (counted === null) throw thrown;
    return counted;
  }
}

function countedBeyondContext(thrown: unknown): number | null {
  if (!isHeadwayError(thrown) || thrown.code !== 'context-overflow') return null;
  const overflow = overflowOf(thrown);
  return overflow && !overflow.atLeast ? overflow.promptTokens : null;
}
