import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** A character that no vocabulary joins to another: it is spelt as a byte. */
const apart = '\u0001';

/**
 * The tokens of a text that goes on from another one: SentencePiece's vocabularies put a space before the first word of
 * a text, and node-llama-cpp's `trimLeadingSpace` leaves it there when special tokens are read.
 */
export function tokenizeContinued(model: LlamaModel, text: string, special: boolean): Token[] {
  if (model.vocabularyType !== LlamaVocabularyType.spm) return model.tokenizer(text, special, 'trimLeadingSpace');
  const before = model.tokenizer(apart, special);
  const tokens = model.tokenizer(apart + text, special);
  if (before.every((token, at) => token === tokens[at])) return tokens.slice(before.length);
  return model.tokenizer(text, special, 'trimLeadingSpace');
}
