import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { exchanges, recordExchange, recordExchanges, type ExchangeRecord } from './recordings/llama-exchanges.ts';
import { startUpstream } from './start-upstream.ts';

type Records = Record<string, ExchangeRecord>;

// The forms of answers of a real llama-server, recorded by recordings/record-llama-server.ts.
const recorded = JSON.parse(readFileSync(new URL('recordings/llama-server.json', import.meta.url), 'utf8')) as Records;
let played: Records = {};

beforeAll(async () => {
  await using upstream = await startUpstream(
    { dialect: 'llama-server', contextSize: 2_048, slots: 2 },
    { ownProcess: false },
  );
  played = await recordExchanges(upstream.url);
});

describe('the llama-server of the tests has the forms of the real one', () => {
  it.each(Object.keys(exchanges))('%s', (name) => {
    expect(recorded[name]).toBeDefined();
    expect(played[name]).toEqual(recorded[name]);
  });

  it('while it loads', async () => {
    await using slow = await startUpstream({ dialect: 'llama-server', startMs: 60_000 }, { ownProcess: false });
    expect(await recordExchange(slow.url, { method: 'GET', path: '/health' })).toEqual(recorded.loading);
  });

  it('nothing that was recorded is left out', () => {
    expect(Object.keys(recorded).toSorted()).toEqual(['loading', ...Object.keys(exchanges)].toSorted());
  });
});
