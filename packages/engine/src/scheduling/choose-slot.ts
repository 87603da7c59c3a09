export interface SlotCandidate {
  /** Tokens of the prompt's beginning that are in the slot's memory. */
  reusable: number;
  /** Tokens in the slot's memory. */
  held: number;
  /** Sequence number of the slot's last release; lower is longer ago. */
  lastUsed: number;
  /** Whether the slot before or after it is busy. @default false */
  besideBusy?: boolean;
}

/** Losing this many cached tokens does not matter: prefill reads them again in well under a second. */
const negligibleTokens = 256;

/** Of this many slots that were used longest ago, one beside a busy slot is preferred. */
const oldSlots = 2;

/**
 * The index of the idle slot that takes a prompt; -1 when none is idle. Prefers the slot with the longest shared
 * prefix, unless the slot would lose more tokens than it shares: a common greeting must not evict a long conversation.
 * Otherwise takes one of the two least recently used slots, if possible one beside a busy slot: llama.cpp computes the
 * tokens of neighbours at once.
 */
export function chooseSlot(idle: readonly SlotCandidate[]): number {
  let best = -1;
  idle.forEach((slot, at) => {
    const worthwhile = slot.held - slot.reusable <= Math.max(slot.reusable, negligibleTokens);
    if (worthwhile && slot.reusable > (idle[best]?.reusable ?? 0)) best = at;
  });
  if (best !== -1) return best;
  const old = [...idle].toSorted((a, b) => a.lastUsed - b.lastUsed).slice(0, oldSlots);
  const slot = old.find(({ besideBusy = false }) => besideBusy) ?? old[0];
  return slot ? idle.indexOf(slot) : -1;
}
