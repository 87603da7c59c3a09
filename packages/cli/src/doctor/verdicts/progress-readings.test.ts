import { expect, test } from 'vitest';

import { streamItems } from '../streams/stream-items.ts';
import { dialectReaders, progressFault, progressIn, type ReadableDialect } from './progress-readings.ts';

const every = Object.keys(dialectReaders) as ReadableDialect[];
const readings = (...steps: number[]) => steps.map((processed) => ({ processed, total: 30, cached: 10 }));

test.each([
  [[], 'there is no progress'],
  [readings(10, 20, 30), null],
  [readings(10, 10, 30, 30), null],
  [readings(20, 30), 'progress begins at 20, not at the 10 cached tokens'],
  [readings(10, 20), 'progress ends at 20 of 30 tokens'],
  [readings(10, 25, 20, 30), 'progress goes back'],
  [[{ processed: 0, total: 30, cached: null }, ...readings(30)], null],
  [[...readings(10), { processed: 31, total: 31, cached: 10 }], 'progress changes its total'],
])('the fault of the progress %j is %s', (reported, fault) => {
  expect(progressFault(reported)).toBe(fault);
});

test.each([
  'data: {"prompt_progress": {"total": 30, "cache": 10, "processed": 20, "time_ms": 5}}',
  'event: prefill_progress\ndata: {"phase": "prefill", "processed": 20, "cached": 10, "total": 30}',
])('progressIn reads a dialect with cached tokens: %s', (record) => {
  expect(progressIn(streamItems(`${record}\n\n`), every)).toEqual([{ processed: 20, total: 30, cached: 10 }]);
});

test.each([
  ': prefill_progress {"PrefillProgressChunk": {"processed_tokens": 20, "total_tokens": 30}}',
  'event: prefill_progress\ndata: {"status": "processing", "n_past": 20, "n_prompt_tokens": 30}',
])('progressIn reads a dialect without cached tokens: %s', (record) => {
  expect(progressIn(streamItems(`${record}\n\n`), every)).toEqual([{ processed: 20, total: 30, cached: null }]);
});

test.each([
  ': keep-alive',
  ': prefill_progress not JSON',
  ': generation_stats {"prompt_tokens": 3}',
  'data: [DONE]',
  'data: {"prompt_progress": {"total": "30", "processed": 1}}',
  'data: {"processed": 20, "cached": 10, "total": 30, "phase": "prefill"}',
  'event: prefill_progress\ndata: {"phase": "loading", "processed": null, "cached": null, "total": null}',
  'event: prefill_progress\ndata: {"phase": "queued", "processed": 0, "cached": 0, "total": 30}',
])('progressIn ignores other items: %s', (record) => {
  expect(progressIn(streamItems(`${record}\n\n`), every)).toEqual([]);
});
