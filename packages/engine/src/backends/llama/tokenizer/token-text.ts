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

export type TokenTextModel = Pick<LlamaModel, 'vocabularyType' | 'detokenize'>;

/** A token by itself: its text, special ones written out, and its UTF-8 bytes, which may be a part of a character. */
export function tokenText(model: TokenTextModel, token: Token): { token: string; bytes: number[] } {
  // node-llama-cpp has no public way to a token's bytes: the vocabulary writes them in letters.
  const { _model: inner } = model as unknown as { _model: { getTokenString(token: Token): string } };
  const written = inner.getTokenString(token);
  const { spm, ugm } = LlamaVocabularyType;
  if (model.vocabularyType === spm || model.vocabularyType === ugm) {
    const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(written) ?? [];
    if (byte !== undefined) return { token: model.detokenize([token], true), bytes: [Number.parseInt(byte, 16)] };
    // Detokenised by itself it would lose the space before a word.
    return whole(written.replaceAll('\u2581', ' '));
  }
  const text = model.detokenize([token], true);
  if (!text.includes(replacement)) return whole(text);
  const bytes = Array.from(written, (character) => byteOf.get(character));
  return bytes.every((byte) => byte !== undefined) ? { token: text, bytes } : whole(text);
}

function whole(text: string): { token: string; bytes: number[] } {
  return { token: text, bytes: [...Buffer.from(text)] };
}
