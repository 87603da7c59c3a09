import { HeadwayError } from './headway-error.ts';

/** The size of a prompt that does not fit its context, in tokens. */
export interface Overflow {
  promptTokens: number;
  contextSize: number;
  /** The engine stopped counting at `promptTokens`. */
  atLeast?: boolean;
}

/**
 * Tokens of the context that must be free after a prompt: one to write, and one because node-llama-cpp shifts the
 * context one token before its end.
 */
export const leastRoom = 2;

/** The error for a prompt that does not fit its context. Its cause holds the numbers, which some APIs report in fields. */
export function contextOverflow(promptTokens: number, contextSize: number, { atLeast = false } = {}): HeadwayError {
  const [tokens, context] = [promptTokens, contextSize].map((count) => count.toLocaleString('en'));
  return new HeadwayError(
    'context-overflow',
    `the prompt has ${atLeast ? 'at least ' : ''}${tokens} tokens, the context of this model holds ${context}, ` +
      'prompt and answer together; shorten the prompt, or serve the model with a larger --ctx',
    { cause: { promptTokens, contextSize, ...(atLeast && { atLeast }) } satisfies Overflow },
  );
}

/** Reads the numbers from the error's cause, or from its message where the wire dropped the cause; null for other errors. */
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
