import { describe, expect, it } from 'vitest';

import { isEndForCheckpoint, isPlaceForCheckpoint } from './checkpoint-places.ts';

/** The places where checkpoints are taken of a prompt that is read in chunks of one size. */
function places({ from = 0, end, chunk = 64, room = 8, last = 0 }: Record<string, number> & { end: number }): number[] {
  const taken: number[] = [];
  const latest = () => taken.at(-1) ?? last;
  for (let at = from; at < end; at += chunk) {
    const to = Math.min(at + chunk, end);
    if (isPlaceForCheckpoint({ at, to, end, from, last: latest(), room })) taken.push(at);
  }
  if (isEndForCheckpoint({ end, last: latest() })) taken.push(end);
  return taken;
}

describe('checkpoint places', () => {
  it('a short prompt has one at its end and one before its last message', () => {
    expect(places({ end: 400 })).toEqual([128, 400]);
    expect(places({ end: 200 })).toEqual([200]);
  });

  it('a long prompt has more on the way, evenly spaced and within the room', () => {
    expect(places({ end: 2000 })).toEqual([512, 1024, 1536, 1728, 2000]);
    const many = places({ end: 20_000, chunk: 512 });
    expect(many).toEqual([3072, 6144, 9216, 12_288, 15_360, 18_432, 19_456, 20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 4 })).toEqual([7168, 14_336, 19_456, 20_000]);
  });

  it('with little room only the last two, or the end alone, remain', () => {
    expect(places({ end: 20_000, chunk: 512, room: 2 })).toEqual([19_456, 20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 1 })).toEqual([20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 0 })).toEqual([20_000]);
  });

  it('the next message of a chat has them at the end of the last answer and at its own end', () => {
    expect(places({ from: 700, end: 730, last: 400 })).toEqual([700, 730]);
    expect(places({ from: 440, end: 470, last: 400 })).toEqual([470]);
  });

  it('a prompt that is quickly read again has none', () => {
    expect(places({ end: 63 })).toEqual([]);
    expect(places({ from: 400, end: 400, last: 400 })).toEqual([]);
  });
});
