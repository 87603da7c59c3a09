import type { TokenLogprob } from '@headway/protocol';

/**
 * Log-probabilities as the old completions have them. One instance a choice, since `text_offset` goes on from chunk to
 * chunk; it counts characters (code points) of the answer.
 */
export class CompletionLogprobs {
  #offset = 0;

  of(logprobs: readonly TokenLogprob[]) {
    return {
      tokens: logprobs.map(({ token }) => token),
      token_logprobs: logprobs.map(({ logprob }) => logprob),
      top_logprobs: logprobs.map(({ token, logprob, top }) =>
        Object.fromEntries([...top.map((one) => [one.token, one.logprob] as const), [token, logprob]]),
      ),
      text_offset: logprobs.map(({ bytes }) => {
        const at = this.#offset;
        this.#offset += bytes.filter(beginsCharacter).length;
        return at;
      }),
    };
  }
}

/** A token may be a part of a character; in UTF-8 each has one byte that begins it. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0xc0) !== 0x80;
}
