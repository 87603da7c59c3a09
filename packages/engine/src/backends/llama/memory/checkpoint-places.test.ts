import { describe, expect, it } from 'vitest';

import { isEndForCheckpoint, isPlaceForCheckpoint } from './checkpoint-places.ts';

/** Where checkpoints are taken of a prompt that is read in chunks of one size. */
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

describe('the places for checkpoints', () => {
  it('of a short prompt are its end and a place before the last message', () => {
    expect(places({ end: 400 })).toEqual([128, 400]);
    expect(places({ end: 200 })).toEqual([200]);
  });

  it('of a long prompt are also on the way, at even distances and no more than there is room for', () => {
    expect(places({ end: 2000 })).toEqual([512, 1024, 1536, 1728, 2000]);
    const many = places({ end: 20_000, chunk: 512 });
    expect(many).toEqual([3072, 6144, 9216, 12_288, 15_360, 18_432, 19_456, 20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 4 })).toEqual([7168, 14_336, 19_456, 20_000]);
  });

  it('are the last two, or the end alone, where there is room for no more', () => {
    expect(places({ end: 20_000, chunk: 512, room: 2 })).toEqual([19_456, 20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 1 })).toEqual([20_000]);
    expect(places({ end: 20_000, chunk: 512, room: 0 })).toEqual([20_000]);
  });

  it('of the next turn are the end of the last answer and the end of the turn', () => {
    expect(places({ from: 700, end: 730, last: 400 })).toEqual([700, 730]);
    expect(places({ from: 440, end: 470, last: 400 })).toEqual([470]);
  });

  it('are none where nobody would wait for the tokens to be read again', () => {
    expect(places({ end: 63 })).toEqual([]);
    expect(places({ from: 400, end: 400, last: 400 })).toEqual([]);
  });
});
