import { HeadwayError } from '@headway/protocol';

/**
 * A prompt that does not fit. The numbers are in the cause as well, for surfaces that have fields for them; `atLeast`
 * says that counting was given up there.
 */
export function contextOverflow(promptTokens: number, contextSize: number, { atLeast = false } = {}): HeadwayError {
  const [tokens, context] = [promptTokens, contextSize].map((count) => count.toLocaleString('en'));
  return new HeadwayError(
    'context-overflow',
    `the prompt has ${atLeast ? 'at least ' : ''}${tokens} tokens, the context of this model holds ${context}, ` +
      'prompt and answer together; shorten the prompt, or serve the model with a larger --ctx',
    { cause: { promptTokens, contextSize, ...(atLeast && { atLeast }) } },
  );
}
