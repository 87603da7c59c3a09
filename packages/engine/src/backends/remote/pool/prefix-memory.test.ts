import { describe, expect, it } from 'vitest';

import { PrefixMemory } from './prefix-memory.ts';

describe('PrefixMemory', () => {
  it('knows how many blocks of a beginning were read', () => {
    const memory = new PrefixMemory({ maxBlocks: 100, maxAgeMs: 1_000 });
    memory.remember([1, 2, 3], 0);
    memory.remember([1, 7], 0);
    expect([[1, 2, 3, 4], [1, 2, 9], [1, 7, 8], [5, 6], []].map((blocks) => memory.known(blocks, 0))).toEqual([
      3, 2, 2, 0, 0,
    ]);
  });

  it('forgets after a time, unless a block was read again', () => {
    const memory = new PrefixMemory({ maxBlocks: 100, maxAgeMs: 1_000 });
    memory.remember([1, 2, 3], 0);
    memory.remember([1, 2], 900);
    expect(memory.known([1, 2, 3], 1_000)).toBe(3);
    expect(memory.known([1, 2, 3], 1_001)).toBe(2);
    expect(memory.known([1, 2, 3], 1_901)).toBe(0);
    memory.remember([9], 2_000);
    expect(memory.size).toBe(1);
  });

  it('forgets ends before beginnings and old prompts before new ones when it is full', () => {
    const memory = new PrefixMemory({ maxBlocks: 4, maxAgeMs: 1_000 });
    memory.remember([1, 2, 3], 0);
    memory.remember([11, 12, 13], 1);
    expect(memory.size).toBe(4);
    expect(memory.known([11, 12, 13], 1)).toBe(3);
    expect(memory.known([1, 2, 3], 1)).toBe(1);
  });

  it('keeps the beginning of a prompt that is larger than itself', () => {
    const memory = new PrefixMemory({ maxBlocks: 4, maxAgeMs: 1_000 });
    memory.remember([1, 2, 3, 4, 5, 6], 0);
    expect([memory.size, memory.known([1, 2, 3, 4, 5, 6], 0)]).toEqual([4, 4]);
  });

  it('forgets everything on demand', () => {
    const memory = new PrefixMemory({ maxBlocks: 4, maxAgeMs: 1_000 });
    memory.remember([1], 0);
    memory.forget();
    expect([memory.size, memory.known([1], 0)]).toEqual([0, 0]);
  });
});
