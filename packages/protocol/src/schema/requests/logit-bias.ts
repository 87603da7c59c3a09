import { z } from 'zod';

const maxTokens = 1024;

/** Token ids as JavaScript writes whole numbers, so that each token has only one key. */
const tokenId = /^(0|[1-9]\d{0,9})$/;

/**
 * Added to tokens' logits before each sampling, by token id: -100 to 100, for at most 1,024 tokens. -100 excludes a
 * token unless the answer's format allows no other.
 */
export const logitBias = z.record(z.string(), z.number().min(-100).max(100)).superRefine((biases, context) => {
  const ids = Object.keys(biases);
  if (ids.length > maxTokens) {
    context.addIssue({ code: 'custom', message: `has ${ids.length} tokens; send ${maxTokens} at most` });
    return;
  }
  const wrong = ids.find((id) => !tokenId.test(id));
  if (wrong === undefined) return;
  const message = `${JSON.stringify(wrong)} is not the id of a token; send ids, which are whole numbers`;
  context.addIssue({ code: 'custom', message });
});

export type LogitBias = z.output<typeof logitBias>;
