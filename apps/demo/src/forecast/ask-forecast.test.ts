import type { Estimate, GenerateInput, ModelInfo } from '@headway/client';
import { contextOverflow, HeadwayError, maxBodyBytes } from '@headway/protocol';
import { expect, test } from 'vitest';

import { textDocument } from '../documents/text-document.ts';
import { askForecast, type AskEstimate } from './ask-forecast.ts';
import { countKey, type Forecast, type TokenCount } from './forecast.ts';

const model = { id: 'm', contextSize: 100 } as ModelInfo;
const estimate = (tokens: number): Estimate => ({
  model: 'm',
  tokens,
  cached: 0,
  queuePosition: null,
  prefillMs: null,
  timeToFirstTokenMs: null,
});
const request: GenerateInput = { messages: [{ role: 'user', content: 'a question' }] };
const documents = [textDocument('a', 'one two'), textDocument('b', 'one two three')];
const wordCount = (input: GenerateInput) => (input.prompt ?? '').split(' ').length;

async function run(ask: AskEstimate, more: { counted?: Map<string, TokenCount | null>; request?: GenerateInput } = {}) {
  const forecasts: Forecast[] = [];
  const counts = new Map<string, TokenCount | null>();
  const stop = new AbortController();
  await askForecast({
    ask: (input) => ask(input, stop.signal),
    request,
    documents,
    model,
    counted: new Map(),
    signal: stop.signal,
    onForecast: (forecast) => forecasts.push(forecast),
    onCount: (key, count) => {
      counts.set(key, count);
      if (counts.size === 1 && more.counted?.has('stop')) stop.abort();
    },
    ...more,
  });
  return { forecasts, counts };
}

test('the prompt is asked for first, then each document that is not counted yet', async () => {
  const asked: GenerateInput[] = [];
  const [a, b] = documents.map(({ id }) => countKey('m', id));
  const { forecasts, counts } = await run(
    async (input) => {
      asked.push(input);
      return estimate(input.messages ? 20 : wordCount(input));
    },
    { counted: new Map([[a ?? '', { tokens: 2, exact: true }]]) },
  );
  expect(asked).toEqual([request, { model: 'm', prompt: 'one two three' }]);
  expect(forecasts).toMatchObject([{ state: 'fits', tokens: 20, room: 80 }]);
  expect([...counts]).toEqual([[b, { tokens: 3, exact: true }]]);
});

test('an overflow is a forecast, and the documents are counted all the same', async () => {
  const { forecasts, counts } = await run(async (input) => {
    throw contextOverflow(input.messages ? 300 : 200, 100);
  });
  expect(forecasts).toMatchObject([{ state: 'over', over: 202 }]);
  expect([...counts.values()]).toEqual([
    { tokens: 200, exact: true, atLeast: false },
    { tokens: 200, exact: true, atLeast: false },
  ]);
});

test('a server without raw prompts gives a forecast without counts', async () => {
  const { forecasts, counts } = await run(async (input) => {
    if (input.prompt !== undefined) throw new HeadwayError('invalid-request', 'prompt: not here');
    return estimate(20);
  });
  expect(forecasts).toMatchObject([{ state: 'fits' }]);
  expect([...counts.values()]).toEqual([null, null]);
});

test('another error leaves no forecast, and a count that is superseded ends', async () => {
  const full = await run(() => Promise.reject(new HeadwayError('queue-full', 'full')));
  expect(full).toEqual({ forecasts: [{ state: 'none' }], counts: new Map() });
  const stopped = await run(async () => estimate(1), { counted: new Map([['stop', null]]) });
  expect(stopped.forecasts).toHaveLength(1);
  expect(stopped.counts.size).toBe(1);
});

test('a request that is too large for the gateway is not sent', async () => {
  const content = 'x'.repeat(maxBodyBytes);
  const { forecasts } = await run(() => Promise.reject(new Error('was asked')), {
    request: { messages: [{ role: 'user', content }] },
  });
  expect(forecasts).toMatchObject([{ state: 'too-large', maxBytes: maxBodyBytes }]);
});
