import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { charactersInBlocks, prefixBlocks, sharedBlocks } from './prefix-blocks.ts';

const text = (length: number) => Array.from({ length }, (_, at) => `${(at * 7919) % 1009} `).join('');

describe('prefixBlocks', () => {
  it('gives equal numbers to equal prefixes and others from the first different block on', () => {
    const same = text(3000);
    const [one, other] = [prefixBlocks(`${same}one${same}`, 'a'), prefixBlocks(`${same}two${same}`, 'a')];
    const shared = sharedBlocks(one, other);
    expect(charactersInBlocks(shared)).toBeLessThanOrEqual(same.length);
    expect(charactersInBlocks(shared + 1)).toBeGreaterThan(same.length);
    expect(one.slice(shared).some((block) => other.includes(block))).toBe(false);
  });

  it('changes with each character, its order and the salt', () => {
    const last = (start: string, salt = 'a') => prefixBlocks(start.padEnd(64, '.'), salt)[0];
    const variants = [
      last('ab'),
      last('ba'),
      last('bb'),
      last('Ab'),
      last('aƢ'),
      last('漢b'),
      last('ab', 'b'),
      last('ab', ''),
    ];
    expect(new Set(variants).size).toBe(variants.length);
  });

  it('ends at positions that depend on nothing else, and counts whole blocks only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (length) => {
        const blocks = prefixBlocks('x'.repeat(length), 'a').length;
        expect(charactersInBlocks(blocks)).toBeLessThanOrEqual(length);
        expect(charactersInBlocks(blocks + 1)).toBeGreaterThan(length);
      }),
      { numRuns: 100 },
    );
  });

  it('loses at most 2 % of a shared prefix, and has 450 blocks for a million characters', () => {
    expect(prefixBlocks('x'.repeat(1_000_000), 'a').length).toBeLessThan(450);
    for (let count = 100; count < 400; count += 50) {
      const end = charactersInBlocks(count);
      expect(charactersInBlocks(count + 1) - end).toBeLessThanOrEqual(Math.max(64, 0.02 * end));
    }
  });

  it('gives 50,000 blocks of a counter as many numbers', () => {
    const seen = new Set<number>();
    for (let at = 0; at < 50_000; at++) seen.add(prefixBlocks(String(at).padEnd(64), 'a')[0] ?? 0);
    expect(seen.size).toBe(50_000);
  });
});
