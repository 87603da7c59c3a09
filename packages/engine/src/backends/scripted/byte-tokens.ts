import type { TextToken } from '@headway/protocol';

import { refuseUnknownTokens } from '../../backend/refuse-unknown-tokens.ts';

/** A text's bytes as tokens: words, which the scripted backend counts, have no numbers. */
export function byteTokens(text: string): TextToken[] {
  return Array.from(Buffer.from(text), (id) => ({ id, piece: Buffer.of(id).toString(), bytes: [id] }));
}

/** @throws HeadwayError `invalid-request` for a token that is no byte */
export function textOfBytes(tokens: readonly number[]): string {
  refuseUnknownTokens(tokens, 256);
  return Buffer.from(tokens).toString();
}
