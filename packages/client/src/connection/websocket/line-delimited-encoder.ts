import type { WebSocketClientOptions } from '@trpc/client';

type Encoder = NonNullable<WebSocketClientOptions['experimental_encoder']>;

/**
 * tRPC puts all messages of one tick into one frame. Fifty long prompts make that frame bigger than a gateway accepts.
 * This encoder writes one message a line, and `splitLines` makes each line a frame; JSON text holds no line break.
 */
export const lineDelimitedEncoder: Encoder = {
  encode: (data) => (Array.isArray(data) ? data.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(data)),
  decode: (data) => JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)),
};

/** Separates the messages of one frame of `lineDelimitedEncoder`. */
export function splitLines(data: string): string[] {
  return data.split('\n');
}
