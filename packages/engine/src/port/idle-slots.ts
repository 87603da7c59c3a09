import type { SlotState } from './engine-port.ts';

/** The slots of a model that runs nothing and has nothing in its memory. */
export function idleSlots(count: number): SlotState[] {
  return Array.from({ length: count }, () => ({ run: null, held: { tokens: 0, owner: '' } }));
}
