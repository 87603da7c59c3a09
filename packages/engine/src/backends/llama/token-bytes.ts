import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** The character by which GPT-2's vocabularies write each byte (`bytes_to_unicode` in OpenAI's encoder.py). */
const byteOf = new Map<string, number>();
{
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let others = 0;
  for (let byte = 0; byte < 256; byte++) {
    byteOf.set(String.fromCodePoint(printable(byte) ? byte : 256 + others++), byte);
  }
}

const replacement = '\ufffd';

/** The UTF-8 bytes of a token, which may be a part of a character. */
export function tokenBytes(model: LlamaModel, token: Token, text: string): number[] {
  if (!text.includes(replacement)) return [...Buffer.from(text)];
  // node-llama-cpp has no public way to a token's bytes: the vocabulary writes them in letters.
  const { _model: inner } = model as unknown as { _model: { getTokenString(token: Token): string } };
  const written = inner.getTokenString(token);
  if (model.vocabularyType === LlamaVocabularyType.spm) {
    const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(written) ?? [];
    if (byte !== undefined) return [Number.parseInt(byte, 16)];
  }
  const bytes = Array.from(written, (character) => byteOf.get(character));
  return bytes.every((byte) => byte !== undefined) ? bytes : [...Buffer.from(text)];
}
