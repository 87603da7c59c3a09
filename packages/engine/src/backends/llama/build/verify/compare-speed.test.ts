import { expect, it, test } from 'vitest';

import { bestTime, gainOf, isFaster, isHopeful, type SpeedSample } from './compare-speed.ts';

const samples = (binary: SpeedSample['binary'], work: SpeedSample['work'], threads: number, ...times: number[]) =>
  times.map((ms) => ({ binary, work, threads, ms }));

it('compares each binary’s best count by its median, which one slow run does not move', () => {
  const timed = [
    ...samples('prebuilt', 'decode', 1, 10, 11, 10),
    ...samples('prebuilt', 'decode', 2, 30, 4, 40),
    ...samples('built', 'decode', 1, 9, 9, 9),
    ...samples('built', 'decode', 2, 5, 5, 500),
    ...samples('prebuilt', 'prefill', 1, 100),
    ...samples('built', 'prefill', 1, 80),
  ];
  expect(bestTime(timed, { binary: 'prebuilt', work: 'decode' })).toEqual({ threads: 1, ms: 10 });
  expect(bestTime(timed, { binary: 'built', work: 'decode' })).toEqual({ threads: 2, ms: 5 });
  expect(gainOf(timed)).toEqual({ decode: 2, prefill: 1.25 });
});

test.each([
  [{ decode: 1.6, prefill: 2.1 }, true],
  [{ decode: 1.06, prefill: 0.96 }, true],
  [{ decode: 1.6, prefill: 0.9 }, false],
  [{ decode: 1.02, prefill: 1.03 }, false],
  [{ decode: Number.NaN, prefill: 2 }, false],
])('a gain of %j is worth keeping: %s', (gain, worth) => {
  expect(isFaster(gain)).toBe(worth);
});

it('times a hopeless count twice, and a good one always', () => {
  const timed = [...samples('built', 'decode', 1, 10, 10), ...samples('built', 'decode', 2, 90, 40)];
  expect(isHopeful(timed, { binary: 'built', work: 'decode', threads: 2 })).toBe(false);
  expect(isHopeful(timed, { binary: 'built', work: 'decode', threads: 1 })).toBe(true);
  expect(isHopeful(timed.slice(0, 3), { binary: 'built', work: 'decode', threads: 2 })).toBe(true);
  expect(isHopeful(timed, { binary: 'prebuilt', work: 'decode', threads: 2 })).toBe(true);
});
