import { expect, test } from 'vitest';

import { invariantViolations } from './event-invariants.ts';
import { sampleDone, samplePrefill, sampleToken } from '../testing.ts';

const loading = (seq: number, loaded?: number) =>
  samplePrefill({
    ...(seq === 0 && { id: 'g' }),
    seq,
    phase: 'loading',
    processed: null,
    cached: null,
    total: null,
    loaded,
  });
const rest = (seq: number) => [
  samplePrefill({ seq }),
  samplePrefill({ seq: seq + 1, processed: 10 }),
  sampleToken({ seq: seq + 2 }),
  sampleDone({ seq: seq + 3 }),
];

test('the share of the model that is loaded may rise, stand still and be unknown', () => {
  expect(
    invariantViolations([loading(0), loading(1, 0), loading(2, 0.4), loading(3), loading(4, 0.4), ...rest(5)]),
  ).toEqual([]);
});

test('the share of the model that is loaded never decreases', () => {
  expect(invariantViolations([loading(0, 0.4), loading(1), loading(2, 0.3), ...rest(3)])).toEqual([
    'event 2: the loaded share never decreases',
  ]);
});

test('no other phase has a share that is loaded', () => {
  const [, ...others] = rest(1);
  expect(invariantViolations([loading(0, 1), samplePrefill({ seq: 1, loaded: 1 }), ...others])).toEqual([
    'event 1: a loaded share in loading only',
  ]);
});
