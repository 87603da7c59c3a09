import { type ProgressSnapshot, type UpdatableTarget } from '@headway/protocol';
import cliProgress from 'cli-progress';

import { barTones, readingLine } from './reading-line.ts';
import { canDraw, colorsFor } from '../terminal/stream-colors.ts';

export interface ProgressBar extends UpdatableTarget {
  /**
   * Removes the bar, or with `whileWriting` until its next update. Call it before writing the answer: throttled updates
   * would remove it too late.
   */
  makeRoom(): void;
}

export interface ProgressBarOptions {
  /** Whether the bar stays during decode, because the answer does not go to the terminal, or not yet. */
  whileWriting?: boolean;
  /** Whether the bar shows the loading of the model. A download has its own bar. @default true */
  whileLoading?: boolean;
}

/** A line on stderr that shows a generation's progress until the first word. Nothing unless stderr is a terminal that can draw. */
export function createProgressBar({ whileWriting = false, whileLoading = true }: ProgressBarOptions = {}): ProgressBar {
  if (!canDraw(process.stderr)) return { update: () => undefined, makeRoom: () => undefined };
  const tones = barTones(colorsFor(process.stderr));
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 20,
    forceRedraw: true,
    format: (_options, _params, { snapshot }: { snapshot: ProgressSnapshot }) =>
      readingLine(snapshot, process.stderr.columns, tones),
  });
  // Shows the cursor again, however the process ends.
  const stop = () => bar.stop();
  let state: 'new' | 'shown' | 'over' = 'new';
  const end = () => {
    stop();
    state = 'over';
    process.removeListener('exit', stop);
  };
  return {
    update(snapshot) {
      const { phase, isFinal } = snapshot;
      if (isFinal || (phase === 'decode' && !whileWriting)) end();
      if (state === 'over' || (phase === 'loading' && !whileLoading)) return;
      if (state === 'shown') return bar.update(0, { snapshot });
      state = 'shown';
      process.removeListener('exit', stop);
      process.once('exit', stop);
      bar.start(1, 0, { snapshot });
    },
    makeRoom() {
      if (!whileWriting) return end();
      if (state !== 'shown' || !process.stdout.isTTY) return;
      stop();
      state = 'new';
    },
  };
}
