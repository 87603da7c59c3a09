const words = { shortest: 2, longest: 12 };
const wordTokenCharacters = 5;
const signTokenCharacters = 2;
const passageWords = 40;
const signs = '0123456789(){}[];=+-.,_/';

/** A long text of prose and code, and how many tokens lie before each of its characters. */
export interface SampleText {
  text: string;
  tokensBefore: Uint32Array;
}

/** Prose has a token for every five characters of a word, code one for two signs. */
export function sampleText(characters: number, random: () => number): SampleText {
  const tokensBefore = new Uint32Array(characters + 1);
  let text = '';
  let tokens = 0;
  const add = (part: string, tokenCharacters: number) => {
    for (let at = 0; at < part.length; at++) {
      if (at % tokenCharacters === 0) tokens++;
      tokensBefore[text.length + at + 1] = tokens;
    }
    text += part;
  };
  while (text.length < characters) {
    const isCode = random() < 0.2;
    for (let word = 0; word < passageWords; word++) {
      const length = words.shortest + Math.floor(random() * (words.longest - words.shortest));
      add(` ${letters(length - 1, random)}`, wordTokenCharacters);
      if (isCode) add(signOf(random) + signOf(random), signTokenCharacters);
    }
  }
  return { text: text.slice(0, characters), tokensBefore };
}

function letters(length: number, random: () => number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(26 * random()))).join('');
}

function signOf(random: () => number): string {
  return signs.charAt(Math.floor(random() * signs.length));
}
