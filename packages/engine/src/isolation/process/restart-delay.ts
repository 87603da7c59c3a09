/** Longest wait before a process is started again, in ms. */
export const longestRestartDelayMs = 30_000;

const firstDelayMs = 100;

/** How long to wait before the next start, in ms: 0.1, 0.4, 1.6, 6.4, 25.6 s, then 30 s each time. `crashes`: in a row, 1 or more. */
export function restartDelayMs(crashes: number): number {
  return Math.min(firstDelayMs * 4 ** (crashes - 1), longestRestartDelayMs);
}
