import type { WebSocketClientOptions } from '@trpc/client';

type Encoder = NonNullable<WebSocketClientOptions['experimental_encoder']>;

/**
 * tRPC puts all that is sent in one tick into one frame, which a gateway refuses when fifty long prompts make it too
 * big. This pair sends a frame for each message: JSON text holds no line break, so one can part them.
 */
export const encodeOnePerLine: Encoder = {
  encode: (data) => (Array.isArray(data) ? data.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(data)),
  decode: (data) => JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)),
};

/** What tRPC sends, line by line. @see encodeOnePerLine */
export function linesOf(data: string): string[] {
  return data.split('\n');
}
