import { overflowOf, type Overflow } from '@headway/protocol';

import type { FieldNames } from '../../surface/field-names.ts';

type PromptField = FieldNames['prompt'];

/** What agents look for to shorten a conversation by themselves. */
export const overflowCode = 'context_length_exceeded';

export interface OverflowFields {
  message: string;
  param: PromptField;
  /** As llama.cpp has them on `exceed_context_size_error`. */
  n_prompt_tokens?: number;
  n_ctx?: number;
}

/** How an API of OpenAI's says that a prompt does not fit, with llama.cpp's numbers beside it. */
export function overflowFields(error: { message: string; cause?: unknown }, param: PromptField): OverflowFields {
  const overflow = overflowOf(error);
  if (!overflow) return { message: error.message, param };
  const { promptTokens, contextSize } = overflow;
  return { message: words(overflow, param), param, n_prompt_tokens: promptTokens, n_ctx: contextSize };
}

/** The numbers are bare: clients look for digits. Responses has words of its own, which go before those of the others. */
function words({ promptTokens, contextSize, atLeast }: Overflow, param: PromptField): string {
  const beginning = param === 'input' ? 'Your input exceeds the context window of this model. ' : '';
  return (
    `${beginning}This model's maximum context length is ${contextSize} tokens, prompt and answer together. ` +
    `However, your ${param} resulted in ${atLeast ? 'at least ' : ''}${promptTokens} tokens. ` +
    `Please reduce the length of the ${param}, or serve the model with a larger --ctx.`
  );
}
