import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** Tokens that llama.cpp puts before a text: the beginning-of-text token, if the model has one there. */
export function beginningTokens({ vocabularyType, tokens: { bos, shouldPrependBosToken } }: LlamaModel): Token[] {
  const { rwkv, ugm, wpm } = LlamaVocabularyType;
  const wanted = vocabularyType === wpm || (shouldPrependBosToken && vocabularyType !== rwkv && vocabularyType !== ugm);
  return wanted && bos !== null ? [bos] : [];
}
