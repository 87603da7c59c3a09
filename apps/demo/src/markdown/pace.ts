/** Of the page's time, at most one part in so many goes into showing text. */
const share = 4;

/** The least time between two renders of a growing text, in milliseconds, from what the last one cost. */
export function pauseAfter(costMs: number): number {
  return Math.min(1000, (share - 1) * costMs);
}
