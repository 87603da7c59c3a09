import type { TokenLogprob } from '@headway/protocol';

/** Log-probabilities of a choice's tokens as OpenAI's chat has them; null when they were not asked for. */
export function chatLogprobs(logprobs: readonly TokenLogprob[] | undefined) {
  if (!logprobs) return null;
  return {
    content: logprobs.map(({ token, logprob, bytes, top }) => ({ token, logprob, bytes, top_logprobs: top })),
    refusal: null,
  };
}
