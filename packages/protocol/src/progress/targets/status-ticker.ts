import { formatProgress } from '../format-progress.ts';
import type { ProgressSnapshot } from '../progress-snapshot.ts';
import type { UpdatableTarget } from './progress-target.ts';

export interface StatusTickerOptions {
  /** Time between two lines, in ms. @default 5000 */
  every?: number;
}

/**
 * A progress target that shows one line of text: it calls `write` at the first update, then every few seconds, whether
 * or not anything changed, and at the final update, which always comes and stops the timer. One for each generation.
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
