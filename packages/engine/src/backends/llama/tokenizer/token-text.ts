import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** The byte of each character by which GPT-2's vocabularies write it (`bytes_to_unicode` in OpenAI's encoder.py). */
const byteOf = new Map<string, number>();
{
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let others = 0;
  for (let byte = 0; byte < 256; byte++) {
    byteOf.set(String.fromCodePoint(printable(byte) ? byte : 256 + others++), byte);
  }
}

const replacement = '\ufffd';

export type TokenTextModel = Pick<LlamaModel, 'vocabularyType' | 'detokenize'>;

/** A single token's text, special ones written out, and its UTF-8 bytes, which may be part of a character. */
export function tokenText(model: TokenTextModel, token: Token): { token: string; bytes: number[] } {
  // node-llama-cpp has no public access to a token's bytes; its vocabulary entry encodes them as letters.
  const { _model: inner } = model as unknown as { _model: { getTokenString(token: Token): string } };
  const written = inner.getTokenString(token);
  const { spm, ugm } = LlamaVocabularyType;
  if (model.vocabularyType === spm || model.vocabularyType === ugm) {
    const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(written) ?? [];
    if (byte !== undefined) return { token: model.detokenize([token], true), bytes: [Number.parseInt(byte, 16)] };
    // Detokenizing the token alone would drop the space before a word.
    return whole(written.replaceAll('\u2581', ' '));
  }
  const text = model.detokenize([token], true);
  if (!text.includes(replacement)) return whole(text);
  const bytes = Array.from(written, (character) => byteOf.get(character));
  return bytes.every((byte) => byte !== undefined) ? { token: text, bytes } : whole(text);
}

const known = new WeakMap<TokenTextModel, Map<Token, Buffer>>();

/** A token's UTF-8 bytes; looked up once for each model. */
export function tokenBytes(model: TokenTextModel, token: Token): Buffer {
  let tokens = known.get(model);
  if (!tokens) known.set(model, (tokens = new Map()));
  let bytes = tokens.get(token);
  if (!bytes) tokens.set(token, (bytes = Buffer.from(tokenText(model, token).bytes)));
  return bytes;
}

function whole(text: string): { token: string; bytes: number[] } {
  return { token: text, bytes: [...Buffer.from(text)] };
}
