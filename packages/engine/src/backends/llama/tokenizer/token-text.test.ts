import { LlamaVocabularyType, type Token } from 'node-llama-cpp';
import { expect, test } from 'vitest';

import { tokenText } from './token-text.ts';

/** A model of one token: `written` is its vocabulary entry, `text` what detokenizing it gives. */
const model = (vocabularyType: LlamaVocabularyType, written: string, text: string) =>
  Object.assign({ vocabularyType, detokenize: () => text }, { _model: { getTokenString: () => written } });

const { bpe, spm, ugm } = LlamaVocabularyType;

test.each([
  ['a word with the space before it', model(bpe, '\u0120was', ' was'), ' was', Buffer.from(' was')],
  ['a part of a character', model(bpe, '\u00e4\u00bd', '\ufffd'), '\ufffd', Buffer.from([0xe4, 0xbd])],
  [
    'a replacement character in the text itself',
    model(bpe, '\u00ef\u00bf\u00bd', '\ufffd'),
    '\ufffd',
    Buffer.from('\ufffd'),
  ],
  ["SentencePiece's space", model(spm, '\u2581was', 'was'), ' was', Buffer.from(' was')],
  ["SentencePiece's byte", model(spm, '<0xE4>', '\ufffd'), '\ufffd', Buffer.from([0xe4])],
  ["a unigram's space", model(ugm, '\u2581', ''), ' ', Buffer.from(' ')],
  ['a special token', model(spm, '</s>', ''), '</s>', Buffer.from('</s>')],
] as const)('the text and bytes of %s', (_, of, token, bytes) => {
  expect(tokenText(of as never, 0 as Token)).toEqual({ token, bytes: [...bytes] });
});
