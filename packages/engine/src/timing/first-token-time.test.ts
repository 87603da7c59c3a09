import { expect, it } from 'vitest';

import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { FirstTokenTime } from './first-token-time.ts';
import { Stopwatch } from './stopwatch.ts';

it('FirstTokenTime learns how the time grows with the prompt and with decoding streams', () => {
  const time = new FirstTokenTime();
  expect(time.predictMs({ tokens: 1000, decoders: 0 })).toBe(0);
  const real = (tokens: number, decoders: number) => 4 + tokens / 200 + 3 * decoders;
  for (let round = 0; round < 10; round++) {
    for (const [tokens, decoders] of [
      [100, 0],
      [2000, 0],
      [800, 1],
      [3000, 3],
    ] as const) {
      time.add({ tokens, decoders }, real(tokens, decoders));
    }
  }
  for (const [tokens, decoders] of [
    [300, 0],
    [4000, 0],
    [1000, 2],
  ] as const) {
    expect(time.predictMs({ tokens, decoders }) / real(tokens, decoders)).toBeCloseTo(1, 1);
  }
});

it('a stopwatch sums only the time while it runs', async () => {
  const clock = createVirtualClock();
  const stopwatch = new Stopwatch(clock);
  await clock.advance(7);
  stopwatch.stop();
  await clock.advance(100);
  stopwatch.stop();
  expect(stopwatch.ms).toBe(7);
  stopwatch.start();
  await clock.advance(3);
  stopwatch.start();
  expect(stopwatch.ms).toBe(10);
});
