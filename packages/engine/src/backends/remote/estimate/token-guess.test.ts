import { describe, expect, it } from 'vitest';

import { countCharacters, TokenGuess } from './token-guess.ts';

const english = 'The quick brown fox jumps over the lazy dog while nobody looks at it. '.repeat(40);
const chinese = '快速的棕色狐狸跳过了懒狗而没有人看着它'.repeat(60);
const code = 'const f=(a,b)=>{return{x:a[0]*2,y:b["k"]+1};};\n'.repeat(60);

describe('TokenGuess', () => {
  it('counts characters by kind', () => {
    expect(countCharacters('ab c1+漢é')).toEqual({ words: 4, signs: 2, ideographs: 1, others: 1 });
  });

  it('guesses more tokens for Chinese and code than for as many characters of English', () => {
    const guess = new TokenGuess();
    const perCharacter = (text: string) => guess.tokensOf(text) / text.length;
    expect(perCharacter(code)).toBeGreaterThan(perCharacter(english));
    expect(perCharacter(chinese)).toBeGreaterThan(perCharacter(code));
    expect(guess.tokensOf('')).toBeGreaterThanOrEqual(1);
  });

  it('learns the tokens of each script and of the frame of a chat', () => {
    const guess = new TokenGuess();
    const real = (text: string) => {
      const { words, signs, ideographs } = countCharacters(text);
      return Math.round(30 + words * 0.3 + signs * 0.8 + ideographs * 1.4);
    };
    for (let round = 0; round < 6; round++) {
      for (const text of [english, chinese, code, english + code, 'Hi there'])
        guess.learn(
          text.slice(0, text.length / (1 + (round % 3))),
          real(text.slice(0, text.length / (1 + (round % 3)))),
        );
    }
    for (const text of [english, chinese, code, chinese + english]) {
      expect(guess.tokensOf(text) / real(text)).toBeGreaterThan(0.9);
      expect(guess.tokensOf(text) / real(text)).toBeLessThan(1.1);
    }
  });

  it('takes counts for texts, and learns nothing from no tokens', () => {
    const guess = new TokenGuess();
    const before = guess.tokensOf(english);
    guess.learn(english, 0);
    guess.learn(english, Number.NaN);
    expect(guess.tokensOf(countCharacters(english))).toBe(before);
  });
});
