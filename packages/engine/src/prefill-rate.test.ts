import { describe, expect, it } from 'vitest';

import { PrefillRate, tokensPerSecond } from './prefill-rate.ts';

describe('a prefill rate', () => {
  it('knows nothing before the first chunk', () => {
    const rate = new PrefillRate();
    expect([rate.msPerToken, rate.msOf(64)]).toEqual([null, null]);
  });

  it('follows the latest chunks, each size by itself', () => {
    const rate = new PrefillRate();
    rate.add(64, 64);
    rate.add(128, 64);
    rate.add(100, 5);
    expect(rate.msOf(64)).toBe(64);
    expect(rate.msOf(128)).toBe(64);
    expect(rate.msOf(100)).toBeNull();
    for (let chunk = 0; chunk < 50; chunk++) rate.add(64, 32);
    expect(rate.msOf(64)).toBeCloseTo(32);
    expect(rate.msPerToken).toBeCloseTo(0.5);
  });

  it('leaves out what took no tokens', () => {
    const rate = new PrefillRate();
    rate.add(0, 10);
    expect(rate.msPerToken).toBeNull();
    expect(tokensPerSecond(0, 10)).toBeNull();
    expect(tokensPerSecond(10, 0)).toBeNull();
    expect(tokensPerSecond(10, 500)).toBe(20);
  });
});
