import type { TokenLogprob } from '@headway/protocol';

/**
 * Log-probabilities in the format of OpenAI's older completions. One instance a choice: `text_offset` counts the
 * answer's characters (code points) across chunks.
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

/** Counting a character's first UTF-8 byte counts each character once, even if several tokens share it. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0xc0) !== 0x80;
}
