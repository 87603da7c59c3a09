// The error of estimated progress in front of simulated upstreams that tell nothing before the first token: mean error of
// the fraction shown as read (in points) and of the time to the first token predicted when a request is sent.
// npm run bench -- remote-estimate [--upstreams 60] [--json file]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { measureEstimates, quietTraffic, type Traffic } from '@headway/engine/estimate-simulation';

import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: { upstreams: { type: 'string', default: '60' }, json: { type: 'string' } },
});
const upstreams = Number(values.upstreams);
const conditions: Record<string, Partial<Traffic>> = {
  alone: {},
  'cached prefixes': { followUps: 0.6 },
  'cached prefixes, usage does not tell': { followUps: 0.6, tellsCached: false },
  'conversations, no cache': { followUps: 0.6, caches: false },
  'two neighbours': { neighbours: 2 },
  'all together': { neighbours: 2, followUps: 0.6 },
  'all together, redeployed twice as fast': { neighbours: 2, followUps: 0.6, redeployedAfter: 30 },
  'all together, 5 % held in a queue of its own': { neighbours: 2, followUps: 0.6, queued: 0.05 },
  'two neighbours, each its own machine': { neighbours: 2, isInTurn: false },
};
/** Requests of which the course was known. After 0 means exactly none; other columns take the next ones, too. */
const columns = { 0: [0, 0], 5: [5, 6], 10: [10, 12], 20: [20, 24] } as const;
const requests = 30;

const percent = (errors: readonly number[], of: (errors: readonly number[]) => number) =>
  errors.length === 0 ? null : round(100 * of(errors));
const mean = (errors: readonly number[]) => errors.reduce((sum, one) => sum + one, 0) / errors.length;

const result = Object.entries(conditions).map(([condition, traffic]) => {
  const before = traffic.redeployedAfter ?? 0;
  const all = Array.from({ length: upstreams }, (_, seed) =>
    measureEstimates({ ...quietTraffic, ...traffic }, before + requests, seed + 1).slice(before),
  ).flat();
  const after = Object.entries(columns).map(([learnt, [from, to]]) => {
    const errors = all.filter((error) => error.learnt >= from && error.learnt <= to);
    const firstTokens = errors.flatMap(({ firstToken }) => (firstToken === null ? [] : [firstToken]));
    const fractions = errors.map(({ fraction }) => fraction);
    return {
      learnt: Number(learnt),
      fraction: percent(fractions, mean),
      firstToken: percent(firstTokens, mean),
      firstTokenMedian: percent(firstTokens, median),
    };
  });
  return { condition, after };
});

console.log(
  `${upstreams} simulated upstreams; mean error in %: of the fraction / of the time to first token (its median)`,
);
console.table(
  Object.fromEntries(
    result.map(({ condition, after }) => [
      condition,
      Object.fromEntries(
        after.map(({ learnt, fraction, firstToken, firstTokenMedian }) => [
          `after ${learnt}`,
          `${fraction} / ${firstToken === null ? 'none' : `${firstToken} (${firstTokenMedian})`}`,
        ]),
      ),
    ]),
  ),
);
console.log('target after 10: at most 10 for the fraction, 20 for the time to first token');
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
