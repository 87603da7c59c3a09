import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** A character that no vocabulary merges with another: it is written as a byte token. */
const apart = '\u0001';

/**
 * The tokens of a text that continues another one. SentencePiece vocabularies put a space before a text's first word,
 * and node-llama-cpp's `trimLeadingSpace` does not remove it when special tokens are parsed.
 */
export function tokenizeContinued(model: LlamaModel, text: string, special: boolean): Token[] {
  if (model.vocabularyType !== LlamaVocabularyType.spm) return model.tokenizer(text, special, 'trimLeadingSpace');
  const before = model.tokenizer(apart, special);
  const tokens = model.tokenizer(apart + text, special);
  if (before.every((token, at) => token === tokens[at])) return tokens.slice(before.length);
  return model.tokenizer(text, special, 'trimLeadingSpace');
}
