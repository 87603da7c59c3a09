import { describe, expect, it } from 'vitest';

import { measureEstimates, quietTraffic, type Traffic } from './simulation/index.ts';

const upstreams = 6;
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The errors of requests of which at least `least` were known, over several upstreams. */
function errorsAfter(least: number, traffic: Partial<Traffic>) {
  const all = Array.from({ length: upstreams }, (_, seed) => {
    const { redeployedAfter } = { ...quietTraffic, ...traffic };
    const errors = measureEstimates({ ...quietTraffic, ...traffic }, 25 + (redeployedAfter ?? 0), seed + 1);
    return errors.slice(redeployedAfter ?? 0).filter(({ learnt }) => learnt >= least);
  }).flat();
  expect(all.length).toBeGreaterThan(60);
  const firstTokens = all.map(({ firstToken }) => firstToken ?? Number.NaN);
  return { fraction: mean(all.map(({ fraction }) => fraction)), firstToken: mean(firstTokens) };
}

describe(
  'after ten requests the fraction is at most 10 % off, the time to first token 20 %',
  { timeout: 30_000 },
  () => {
    it.each<[string, Partial<Traffic>]>([
      ['alone', {}],
      ['with cached prefixes', { followUps: 0.6 }],
      ['with cached prefixes of which the upstream does not tell', { followUps: 0.6, tellsCached: false }],
      ['without a cache, in conversations', { followUps: 0.6, caches: false }],
      ['beside two neighbours', { neighbours: 2 }],
      ['beside two neighbours, with cached prefixes', { neighbours: 2, followUps: 0.6 }],
      ['on an upstream that became twice as fast', { redeployedAfter: 30 }],
    ])('%s', (_, traffic) => {
      const { fraction, firstToken } = errorsAfter(10, traffic);
      expect(fraction).toBeLessThan(0.1);
      expect(firstToken).toBeLessThan(0.2);
    });
  },
);

it('a queue of the upstream costs its own requests the estimate, hardly those after them', { timeout: 30_000 }, () => {
  const quiet = errorsAfter(10, {});
  const queued = errorsAfter(10, { queued: 0.1 });
  expect(queued.fraction).toBeLessThan(quiet.fraction + 0.1);
});
