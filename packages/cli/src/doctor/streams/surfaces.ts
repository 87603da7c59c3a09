/** A route that generates, as its own clients ask it. */
export interface Surface {
  path: string;
  /** Headers that its clients send, the key among them. */
  headers: (apiKey: string | undefined) => Record<string, string>;
  /** A streamed request of a few tokens. */
  body: (model: string, prompt: string, tokens: number) => object;
}

const bearer = (apiKey: string | undefined): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/** Every surface that streams answers in an API of others. */
export const surfaces = {
  chat: {
    path: '/v1/chat/completions',
    headers: bearer,
    body: (model, prompt, tokens) => ({ ...asMessages(model, prompt), max_tokens: tokens }),
  },
  completions: {
    path: '/v1/completions',
    headers: bearer,
    body: (model, prompt, tokens) => ({ model, prompt, max_tokens: tokens, stream: true }),
  },
  responses: {
    path: '/v1/responses',
    headers: bearer,
    body: (model, prompt, tokens) => ({ model, input: prompt, max_output_tokens: tokens, stream: true }),
  },
  messages: {
    path: '/v1/messages',
    headers: (apiKey) => ({
      'anthropic-version': '2023-06-01',
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    }),
    body: (model, prompt, tokens) => ({ ...asMessages(model, prompt), max_tokens: tokens }),
  },
} as const satisfies Record<string, Surface>;

export type SurfaceId = keyof typeof surfaces;

export const surfaceIds = Object.keys(surfaces) as SurfaceId[];

function asMessages(model: string, prompt: string) {
  return { model, messages: [{ role: 'user', content: prompt }], stream: true };
}
