import { formatProgress } from './format-progress.ts';
import type { ProgressSnapshot } from './progress-snapshot.ts';
import type { UpdatableTarget } from './targets/progress-target.ts';

export interface StatusTickerOptions {
  /** Time between two lines, in ms. @default 5000 */
  every?: number;
}

/**
 * A progress target for those who show but a line: calls `write` with the status in words at the first update, then
 * every few seconds, whether or not anything moved, and at the end. One for each generation. The timer stops with the
 * final update, which always comes.
 */
export function createStatusTicker(
  write: (line: string, snapshot: ProgressSnapshot) => void,
  { every = 5000 }: StatusTickerOptions = {},
): UpdatableTarget {
  let latest: ProgressSnapshot | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    if (latest) write(formatProgress(latest), latest);
  };
  return {
    update(snapshot) {
      const first = latest === null;
      latest = snapshot;
      if (snapshot.isFinal) clearInterval(timer);
      else if (first) timer = setInterval(tick, every);
      if (first || snapshot.isFinal) tick();
    },
  };
}
