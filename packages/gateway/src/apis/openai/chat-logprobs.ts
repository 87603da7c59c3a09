import type { TokenLogprob } from '@headway/protocol';

/** The log-probabilities of a choice's tokens in the format of OpenAI's chat; null if the request has no `logprobs`. */
export function chatLogprobs(logprobs: readonly TokenLogprob[] | undefined) {
  if (!logprobs) return null;
  return {
    content: logprobs.map(({ token, logprob, bytes, top }) => ({ token, logprob, bytes, top_logprobs: top })),
    refusal: null,
  };
}
