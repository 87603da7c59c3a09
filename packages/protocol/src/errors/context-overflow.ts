import { HeadwayError } from './headway-error.ts';

/** How long a prompt is that does not fit. */
export interface Overflow {
  promptTokens: number;
  contextSize: number;
  /** Counting was given up there. */
  atLeast?: boolean;
}

/**
 * Room that must be left behind a prompt: one token to write, and the place that the last token's evaluation takes
 * (node-llama-cpp shifts the context one place before its end).
 */
export const leastRoom = 2;

/** A prompt that does not fit. The numbers are in the cause as well, for surfaces that have fields for them. */
export function contextOverflow(promptTokens: number, contextSize: number, { atLeast = false } = {}): HeadwayError {
  const [tokens, context] = [promptTokens, contextSize].map((count) => count.toLocaleString('en'));
  return new HeadwayError(
    'context-overflow',
    `the prompt has ${atLeast ? 'at least ' : ''}${tokens} tokens, the context of this model holds ${context}, ` +
      'prompt and answer together; shorten the prompt, or serve the model with a larger --ctx',
    { cause: { promptTokens, contextSize, ...(atLeast && { atLeast }) } satisfies Overflow },
  );
}

/** The numbers of such an error, or of the event that tells of it, which has no cause; null when it has none. */
export function overflowOf({ message, cause }: { message: string; cause?: unknown }): Overflow | null {
  if (isOverflow(cause)) return cause;
  const [, atLeast, tokens, context] =
    /^the prompt has (at least )?([\d,]+) tokens, the context of this model holds ([\d,]+),/.exec(message) ?? [];
  if (tokens === undefined || context === undefined) return null;
  const [promptTokens = 0, contextSize = 0] = [tokens, context].map((count) => Number(count.replaceAll(',', '')));
  return { promptTokens, contextSize, ...(atLeast !== undefined && { atLeast: true }) };
}

function isOverflow(cause: unknown): cause is Overflow {
  if (typeof cause !== 'object' || cause === null) return false;
  const { promptTokens, contextSize } = cause as Partial<Overflow>;
  return typeof promptTokens === 'number' && typeof contextSize === 'number';
}
