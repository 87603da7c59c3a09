import type { GenerationEvent } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { systemClock } from '../timing/clock.ts';
import { EventWriter } from './event-writer.ts';

const told = (number: number, of = 2) => ({ name: `${number}.txt`, number, of, processed: 0, cached: 0, total: 4 });

test('of the spans that a remote server tells, those of the request are reported, and no others', () => {
  const events: GenerationEvent[] = [];
  const emit = (event: GenerationEvent) => void events.push(event);
  const options = { id: 'g', choices: 1, spans: 2, clock: systemClock, progressIntervalMs: 0 };
  const writer = new EventWriter({ ...options, emit });
  const start = { processed: 0, cached: 0, total: 8, etaMs: null, estimated: false };
  writer.remoteProgress(start, { total: 8 });
  for (const number of [0, -1, 0.5, 3, 1000]) writer.remoteSpan(told(number));
  writer.remoteSpan(told(1, 1000));
  for (const number of [1, 2]) writer.remoteSpan(told(number));
  writer.remotePrefilled({ total: 8 });
  writer.done(0, 'stop');
  const spans = events.flatMap((event) => (event.type === 'span' ? [[event.number, event.processed]] : []));
  expect(spans).toEqual([
    [1, 0],
    [2, 0],
    [1, 4],
    [2, 4],
  ]);
  expect(invariantViolations(events)).toEqual([]);
});
