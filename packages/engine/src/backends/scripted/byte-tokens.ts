import type { TextToken } from '@headway/protocol';

import { refuseUnknownTokens } from '../../backend/refuse-unknown-tokens.ts';

/** A text's bytes as tokens. The scripted backend counts words as tokens elsewhere, but words have no ids. */
export function byteTokens(text: string): TextToken[] {
  return Array.from(Buffer.from(text), (id) => ({ id, piece: Buffer.of(id).toString(), bytes: [id] }));
}

/** @throws HeadwayError `invalid-request` for a token that is not a byte */
export function textOfBytes(tokens: readonly number[]): string {
  refuseUnknownTokens(tokens, 256);
  return Buffer.from(tokens).toString();
}
