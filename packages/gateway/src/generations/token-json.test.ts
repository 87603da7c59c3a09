import { sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { plainTokenJson } from './token-json.ts';

const characters = [...Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)), '\u2028', '\ud800', '六'];
const rates = [0, 1, 29.988123, 1 / 3, 1e21, 5e-324, Number.MAX_SAFE_INTEGER];

test('the JSON of a token with a plain text is that of JSON.stringify, and null stands for every other text', () => {
  const plain: string[] = [];
  for (const character of characters) {
    for (const tokensPerSecond of rates) {
      const event = sampleToken({ text: `a ${character}`, tokensPerSecond, seq: 12, completionTokens: 11 });
      const json = plainTokenJson(event);
      if (json === null) continue;
      expect(json).toBe(JSON.stringify(event));
      if (tokensPerSecond === 0) plain.push(character);
    }
  }
  expect(plain.join('')).toBe(` !${characters.slice(0x23, 0x5c).join('')}${characters.slice(0x5d, 0x7f).join('')}`);
  expect(plainTokenJson(sampleToken({ text: '' }))).toBe(JSON.stringify(sampleToken({ text: '' })));
});

test('a token of a tool call, or with log-probabilities, is left to JSON.stringify', () => {
  expect(plainTokenJson(sampleToken({ toolCall: { index: 0, id: 'a', name: 'b' } }))).toBeNull();
  expect(plainTokenJson(sampleToken({ logprobs: [] }))).toBeNull();
});
