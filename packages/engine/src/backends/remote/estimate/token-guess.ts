import { NonNegativeFit, product } from '../../../timing/non-negative-fit.ts';

/** How many characters of each kind a text has; UTF-16 code units. */
export interface CharacterCounts {
  /** ASCII letters and white space. */
  words: number;
  /** ASCII digits and punctuation: code has many. */
  signs: number;
  /** Chinese, Japanese, Korean and what follows them, emoji included. */
  ideographs: number;
  /** Every other one: Cyrillic, Arabic, accented letters. */
  others: number;
}

/** First code unit of the scripts of East Asia, the radicals. */
const eastAsia = 0x2e_80;

/** Tokens of a prompt and of each character of a kind, until an upstream has said how many prompts have. */
const assumed = [8, 0.23, 0.5, 0.75, 0.4];

const features = ({ words, signs, ideographs, others }: CharacterCounts) => [1, words, signs, ideographs, others];
const typical = features({ words: 2000, signs: 500, ideographs: 1000, others: 1000 });

/** Counts the characters of a text by kind. A million take a few ms. */
export function countCharacters(text: string): CharacterCounts {
  const counts = { words: 0, signs: 0, ideographs: 0, others: 0 };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= eastAsia) counts.ideographs++;
    else if (code >= 128) counts.others++;
    else if (code <= 32 || isLetter(code)) counts.words++;
    else counts.signs++;
  }
  return counts;
}

/**
 * Guesses how many tokens a prompt has at an upstream that has no endpoint to ask. It learns tokens a character of each
 * kind, and the tokens of a chat's frame, from what the upstream says of each prompt. One for each upstream and model.
 */
export class TokenGuess {
  readonly #fit = new NonNegativeFit(typical);
  #factors = assumed;

  /** At least 1. */
  tokensOf(text: string | CharacterCounts): number {
    return Math.max(1, Math.round(this.#predict(countsOf(text))));
  }

  /** Adds what an upstream said of a prompt. */
  learn(text: string | CharacterCounts, tokens: number): void {
    if (!(tokens > 0)) return;
    const counts = countsOf(text);
    this.#fit.add(features(counts), tokens, this.#fit.known ? this.#predict(counts) : null);
    this.#factors = this.#fit.factors(assumed);
  }

  #predict(counts: CharacterCounts): number {
    return product(this.#factors, features(counts));
  }
}

function countsOf(text: string | CharacterCounts): CharacterCounts {
  return typeof text === 'string' ? countCharacters(text) : text;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
