import { overflowOf, type Overflow } from '@headway/protocol';

import type { FieldNames } from '../../surface/field-names.ts';

type PromptField = FieldNames['prompt'];

/** OpenAI's code for a prompt that does not fit. Agents shorten the conversation when they get it. */
export const overflowCode = 'context_length_exceeded';

export interface OverflowFields {
  message: string;
  param: PromptField;
  /** llama.cpp's fields of `exceed_context_size_error`. */
  n_prompt_tokens?: number;
  n_ctx?: number;
}

/** The error for a prompt that does not fit, with OpenAI's wording and llama.cpp's numbers. */
export function overflowFields(error: { message: string; cause?: unknown }, param: PromptField): OverflowFields {
  const overflow = overflowOf(error);
  if (!overflow) return { message: error.message, param };
  const { promptTokens, contextSize } = overflow;
  return { message: overflowMessage(overflow, param), param, n_prompt_tokens: promptTokens, n_ctx: contextSize };
}

/**
 * Clients parse the message's numbers, so they have no thousands separators. For Responses it begins with that API's own
 * sentence.
 */
function overflowMessage({ promptTokens, contextSize, atLeast }: Overflow, param: PromptField): string {
  const beginning = param === 'input' ? 'Your input exceeds the context window of this model. ' : '';
  return (
    `${beginning}This model's maximum context length is ${contextSize} tokens, prompt and answer together. ` +
    `However, your ${param} resulted in ${atLeast ? 'at least ' : ''}${promptTokens} tokens. ` +
    `Please reduce the length of the ${param}, or serve the model with a larger --ctx.`
  );
}
