import { describe, expect, test } from 'vitest';

import { chooseToken, seededRandom } from './choose-token.ts';

const all = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const abc = [
  ['a', 0.5],
  ['b', 0.3],
  ['c', 0.2],
] as const;

/** The share of 10,000 draws that each token has. */
function shares(rules: Partial<typeof all>, allows?: (token: string) => boolean) {
  const random = seededRandom(7);
  const counts = { a: 0, b: 0, c: 0 };
  for (let at = 0; at < 10_000; at++) {
    const token = chooseToken<'a' | 'b' | 'c'>(abc, { ...all, ...rules }, { random, allows });
    if (token) counts[token] += 1 / 10_000;
  }
  return counts;
}

describe('chooseToken', () => {
  test('draws each token as often as its probability says', () => {
    const { a, b, c } = shares({});
    expect(a).toBeCloseTo(0.5, 1);
    expect(b).toBeCloseTo(0.3, 1);
    expect(c).toBeCloseTo(0.2, 1);
  });

  test.each([0, 5e-324, 1e-310, 1e-9])('always draws the likeliest token at temperature %d', (temperature) => {
    expect(shares({ temperature })).toMatchObject({ b: 0, c: 0 });
    expect(shares({ temperature }, (token) => token !== 'a')).toMatchObject({ a: 0, c: 0 });
  });

  test.each([0, 0.5, 2])('draws the first of allowed tokens with probability 0 at temperature %d', (temperature) => {
    const ruledOut = [...abc, ['d', 0], ['e', 0]] as const;
    const allows = (token: string) => token > 'c';
    for (const random of [() => 0, () => 0.999])
      expect(chooseToken(ruledOut, { ...all, temperature }, { random, allows })).toBe('d');
  });

  test('draws more evenly at a higher temperature', () => {
    const { a } = shares({ temperature: 2 });
    // √0.5 of √0.5 + √0.3 + √0.2
    expect(a).toBeCloseTo(0.416, 1);
    expect(a).toBeLessThan(shares({}).a - 0.05);
  });

  test.each([
    ['top-k', { topK: 2 }],
    ['top-p', { topP: 0.75 }],
    ['min-p', { minP: 0.5 }],
  ])('never draws a token that %s cuts off', (_, rules) => {
    const { a, b, c } = shares(rules);
    expect(c).toBe(0);
    expect(a).toBeCloseTo(0.625, 1);
    expect(b).toBeCloseTo(0.375, 1);
  });

  test('draws the likeliest token when top-p cuts off all others', () => {
    expect(shares({ topP: 0.0001 })).toMatchObject({ b: 0, c: 0 });
  });

  test('draws a token that the grammar allows, even if top-k cuts it off; null when it allows none', () => {
    expect(shares({ topK: 1 }, (token) => token === 'c')).toMatchObject({ a: 0, b: 0 });
    expect(shares({ temperature: 0 }, (token) => token !== 'a')).toMatchObject({ a: 0, c: 0 });
    expect(chooseToken(abc, all, { random: seededRandom(1), allows: () => false })).toBeNull();
  });
});

test('seededRandom repeats its numbers for the same seed and differs for another', () => {
  const five = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(five(3)).toEqual(five(3));
  expect(five(3)).not.toEqual(five(4));
  expect(five(0).every((number) => number >= 0 && number < 1)).toBe(true);
});

test('chooseToken does not check tokens against the grammar that are too unlikely to be drawn', () => {
  const vocabulary = Array.from({ length: 100_000 }, (_, at) => [at, at < 10 ? 0.09 : 1e-9] as const);
  const checked: number[] = [];
  const allows = (token: number) => {
    checked.push(token);
    return token === 5 || token > 90_000;
  };
  const rules = { ...all, temperature: 0.7 };
  expect(chooseToken(vocabulary, rules, { random: () => 0.1, allows })).toBe(5);
  expect(checked.length).toBeLessThan(20);
});
