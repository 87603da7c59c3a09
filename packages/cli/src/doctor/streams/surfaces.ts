/** A generating route, with the requests that its own clients send. */
export interface Surface {
  path: string;
  /** The headers of its clients, with the key. */
  headers: (apiKey: string | undefined) => Record<string, string>;
  /** The body of a streamed request for a few tokens. */
  body: (model: string, prompt: string, tokens: number) => object;
}

const bearer = (apiKey: string | undefined): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/** The routes that stream in an API of OpenAI or Anthropic. */
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
