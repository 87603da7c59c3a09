import { overflowOf, type Overflow } from '@headway/protocol';

import type { FieldNames } from '../../surface/field-names.ts';

type PromptField = FieldNames['prompt'];

/** The code at which agents shorten the conversation themselves. */
export const overflowCode = 'context_length_exceeded';

export interface OverflowFields {
  message: string;
  param: PromptField;
  /** llama.cpp's fields of `exceed_context_size_error`. */
  n_prompt_tokens?: number;
  n_ctx?: number;
}

/** The error of a prompt that does not fit, in OpenAI's words and with llama.cpp's numbers. */
export function overflowFields(error: { message: string; cause?: unknown }, param: PromptField): OverflowFields {
  const overflow = overflowOf(error);
  if (!overflow) return { message: error.message, param };
  const { promptTokens, contextSize } = overflow;
  return { message: words(overflow, param), param, n_prompt_tokens: promptTokens, n_ctx: contextSize };
}

/**
 * The message, whose numbers have no thousands separators because clients parse them. For Responses it begins with that
 * API's own sentence.
 */
function words({ promptTokens, contextSize, atLeast }: Overflow, param: PromptField): string {
  const beginning = param === 'input' ? 'Your input exceeds the context window of this model. ' : '';
  return (
    `${beginning}This model's maximum context length is ${contextSize} tokens, prompt and answer together. ` +
    `However, your ${param} resulted in ${atLeast ? 'at least ' : ''}${promptTokens} tokens. ` +
    `Please reduce the length of the ${param}, or serve the model with a larger --ctx.`
  );
}
