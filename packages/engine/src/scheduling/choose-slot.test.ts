import { describe, expect, it } from 'vitest';

import { chooseSlot } from './choose-slot.ts';

describe('chooseSlot', () => {
  it('returns -1 when no slot is idle', () => {
    expect(chooseSlot([])).toBe(-1);
  });

  it('takes the slot that shares the longest prefix', () => {
    const idle = [
      { reusable: 10, held: 12, lastUsed: 1 },
      { reusable: 90, held: 100, lastUsed: 9 },
      { reusable: 40, held: 40, lastUsed: 2 },
    ];
    expect(chooseSlot(idle)).toBe(1);
  });

  it('takes the slot that has just answered the same prompt', () => {
    const idle = [
      { reusable: 12, held: 60, lastUsed: 9 },
      { reusable: 3, held: 40, lastUsed: 2 },
    ];
    expect(chooseSlot(idle)).toBe(0);
  });

  it('does not evict a long conversation that shares only its greeting', () => {
    const idle = [
      { reusable: 20, held: 5000, lastUsed: 1 },
      { reusable: 0, held: 300, lastUsed: 2 },
      { reusable: 0, held: 0, lastUsed: 0 },
    ];
    expect(chooseSlot(idle)).toBe(2);
  });

  it('takes the least recently used slot when no slot shares a prefix', () => {
    const idle = [
      { reusable: 0, held: 50, lastUsed: 7 },
      { reusable: 0, held: 50, lastUsed: 3 },
    ];
    expect(chooseSlot(idle)).toBe(1);
  });

  it('takes a slot beside a busy one if only one slot was used longer ago', () => {
    const slot = { reusable: 0, held: 50 };
    const [oldest, old, young] = [
      { ...slot, lastUsed: 3 },
      { ...slot, lastUsed: 5 },
      { ...slot, lastUsed: 7 },
    ];
    expect(chooseSlot([young, { ...old, besideBusy: true }, oldest])).toBe(1);
    expect(chooseSlot([{ ...young, besideBusy: true }, old, oldest])).toBe(2);
    expect(
      chooseSlot([
        { ...old, besideBusy: true },
        { ...oldest, besideBusy: true },
      ]),
    ).toBe(1);
  });
});
