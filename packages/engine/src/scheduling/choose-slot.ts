export interface SlotCandidate {
  /** Tokens of the prompt's beginning that are in the slot's memory. */
  reusable: number;
  /** Tokens in the slot's memory. */
  held: number;
  /** Sequence number of the slot's last release; lower is longer ago. */
  lastUsed: number;
}

/** Losing this many cached tokens does not matter: prefill reads them again in well under a second. */
const negligibleTokens = 256;

/**
 * The index of the idle slot that takes a prompt; -1 when none is idle. Prefers the slot with the longest shared
 * prefix, unless the slot would lose more tokens than it shares: a common greeting must not evict a long conversation.
 * Otherwise takes the least recently used slot.
 */
export function chooseSlot(idle: readonly SlotCandidate[]): number {
  let best = -1;
  let oldest = -1;
  idle.forEach((slot, at) => {
    if (oldest === -1 || slot.lastUsed < (idle[oldest]?.lastUsed ?? 0)) oldest = at;
    const worthwhile = slot.held - slot.reusable <= Math.max(slot.reusable, negligibleTokens);
    if (worthwhile && slot.reusable > (idle[best]?.reusable ?? 0)) best = at;
  });
  return best === -1 ? oldest : best;
}
