/** Longest delay before a restart, in ms. */
export const longestRestartDelayMs = 30_000;

const firstDelayMs = 100;

/** Delay before a restart, in ms, after `crashes` (1 or more) in a row: 0.1, 0.4, 1.6, 6.4, 25.6 s, then 30 s. */
export function restartDelayMs(crashes: number): number {
  return Math.min(firstDelayMs * 4 ** (crashes - 1), longestRestartDelayMs);
}
