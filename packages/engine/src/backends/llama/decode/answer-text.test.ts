import type { LlamaModel, Token } from 'node-llama-cpp';
import { expect, test } from 'vitest';

import { AnswerText } from './answer-text.ts';

const [thought, emojiStart, emojiEnd, word] = [0, 1, 2, 3] as Token[];
const written = ['<think>', 'ðŁĳ', 'ĭ', 'Ġhi'];
const texts = ['<think>', '\ufffd', '\ufffd', ' hi'];

/** A vocabulary of four tokens with node-llama-cpp's interface. */
const model = {
  vocabularyType: 'bpe',
  detokenize: ([token]: Token[]) => texts[token ?? 0] ?? '',
  getTokenAttributes: (token: Token) => ({ control: token === thought }),
  _model: { getTokenString: (token: Token) => written[token] },
} as unknown as LlamaModel;

const read = (shown: boolean, tokens: (Token | undefined)[]) => {
  const text = new AnswerText(model, () => shown);
  return tokens.map((token) => text.push(token ?? word ?? (0 as Token)));
};

test('each answer shows its own marks, whichever answer came first', () => {
  expect(read(false, [thought, word])).toEqual(['', ' hi']);
  expect(read(true, [thought, word])).toEqual(['<think>', ' hi']);
  expect(read(false, [thought])).toEqual(['']);
});

test('a character of two tokens comes with the second token', () => {
  expect(read(false, [emojiStart, emojiEnd])).toEqual(['', '👋']);
});
