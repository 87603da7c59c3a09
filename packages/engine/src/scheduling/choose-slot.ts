export interface SlotCandidate {
  /** First tokens of the prompt that lie in its memory. */
  reusable: number;
  /** Tokens in its memory. */
  held: number;
  /** When it was last given back; lower is longer ago. */
  lastUsed: number;
}

/** Tokens whose loss nobody notices: they are read again in well under a second. */
const smallLoss = 256;

/**
 * Which of the idle slots takes a prompt; -1 when there is none. The one that shares the longest prefix, unless more
 * would be lost than is shared: a greeting in common must not evict somebody's long conversation. Else the least
 * recently used one.
 */
export function chooseSlot(idle: readonly SlotCandidate[]): number {
  let best = -1;
  let oldest = -1;
  idle.forEach((slot, at) => {
    if (oldest === -1 || slot.lastUsed < (idle[oldest]?.lastUsed ?? 0)) oldest = at;
    const worthwhile = slot.held - slot.reusable <= Math.max(slot.reusable, smallLoss);
    if (worthwhile && slot.reusable > (idle[best]?.reusable ?? 0)) best = at;
  });
  return best === -1 ? oldest : best;
}
