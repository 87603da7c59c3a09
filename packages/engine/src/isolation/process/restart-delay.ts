/** Longest delay before a restart, in ms. */
export const longestRestartDelayMs = 30_000;

const firstDelayMs = 100;

/** Delay before the next restart, in ms: 0.1, 0.4, 1.6, 6.4, 25.6 s, then 30 s each time. `crashes`: crashes in a row, at least 1. */
export function restartDelayMs(crashes: number): number {
  return Math.min(firstDelayMs * 4 ** (crashes - 1), longestRestartDelayMs);
}
