import type { TokenLogprob } from '@headway/protocol';

interface ListedToken {
  token?: unknown;
  bytes?: unknown;
  logprob?: unknown;
  top_logprobs?: unknown;
}

interface LegacyLogprobs {
  tokens?: unknown;
  token_logprobs?: unknown;
  top_logprobs?: unknown;
}

/** Log-probabilities as chats have them (`content`), or raw completions (`tokens`, `token_logprobs`); null without any. */
export function readLogprobs(value: unknown): TokenLogprob[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('content' in value && Array.isArray(value.content)) {
    const tokens = tokensOf(value.content);
    // A token was written whose log-probability is not told.
    if (tokens.length === 0 && value.content.length > 0) return null;
    return tokens.map((one) => ({ ...listed(one), top: tokensOf(one.top_logprobs).map(listed) }));
  }
  const { tokens, token_logprobs: logprobs, top_logprobs: tops } = value as LegacyLogprobs;
  if (!Array.isArray(tokens)) return null;
  return tokens.map((token: unknown, at) => {
    const top = Array.isArray(tops) ? (tops[at] as Record<string, number> | null | undefined) : null;
    return {
      ...listed({ token, logprob: Array.isArray(logprobs) ? logprobs[at] : null }),
      top: Object.entries(top ?? {}).map(([other, logprob]) => listed({ token: other, logprob })),
    };
  });
}

/** The entries of a list that are some. */
function tokensOf(list: unknown): ListedToken[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];
}

function listed({ token, bytes, logprob }: ListedToken): Omit<TokenLogprob, 'top'> {
  const text = typeof token === 'string' ? token : '';
  return {
    token: text,
    bytes: Array.isArray(bytes) ? bytes.map(Number) : [...Buffer.from(text)],
    logprob: typeof logprob === 'number' ? logprob : 0,
  };
}
