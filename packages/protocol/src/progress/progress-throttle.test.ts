import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { shouldReport } from './progress-throttle.ts';

describe('shouldReport', () => {
  it('always lets the first and the final report pass', () => {
    expect(shouldReport({ ms: null, tokens: 0, final: false }, {})).toBe(true);
    expect(shouldReport({ ms: 0, tokens: 0, final: true }, {})).toBe(true);
  });

  it('reports after 50 ms or 4 tokens, whichever comes first', () => {
    expect(shouldReport({ ms: 49, tokens: 3, final: false }, {})).toBe(false);
    expect(shouldReport({ ms: 50, tokens: 0, final: false }, {})).toBe(true);
    expect(shouldReport({ ms: 20, tokens: 4, final: false }, {})).toBe(true);
  });

  it('never reports more often than the cap, at 5,000 events a second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        (maxPerSecond, everyMs, everyTokens) => {
          let last: number | null = null;
          let tokens = 0;
          let reports = 0;
          for (let now = 0; now < 1000; now += 0.2) {
            tokens++;
            const ms = last === null ? null : now - last;
            if (!shouldReport({ ms, tokens, final: false }, { maxPerSecond, everyMs, everyTokens })) continue;
            reports++;
            last = now;
            tokens = 0;
          }
          expect(reports).toBeGreaterThanOrEqual(1);
          expect(reports).toBeLessThanOrEqual(maxPerSecond + 1);
        },
      ),
    );
  });
});
