import { foreignText, type ProgressSnapshot, type UpdatableTarget } from '@headway/protocol';
import cliProgress from 'cli-progress';

import { readingLine } from './reading-line.ts';
import { canDraw } from '../terminal/stream-colors.ts';

export interface ProgressBar extends UpdatableTarget {
  /** Call it before the answer's words are written: updates are throttled, and would come too late to make room. */
  makeRoom(): void;
}

export interface ProgressBarOptions {
  /** Whether it stays while the answer is written, because that goes elsewhere. */
  whileWriting?: boolean;
  /** Whether it shows the model's loading; where that is a download, it has a bar of its own. @default true */
  whileLoading?: boolean;
}

/** The line on stderr that shows how a generation stands, and is gone before the first word; nothing but on a terminal that draws. */
export function createProgressBar({ whileWriting = false, whileLoading = true }: ProgressBarOptions = {}): ProgressBar {
  if (!canDraw(process.stderr)) return { update: () => undefined, makeRoom: () => undefined };
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 20,
    forceRedraw: true,
    format: (_options, _params, { snapshot }: { snapshot: ProgressSnapshot }) =>
      foreignText(readingLine(snapshot, process.stderr.columns)),
  });
  // However the process ends, the cursor is back.
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
      process.once('exit', stop);
      bar.start(1, 0, { snapshot });
    },
    makeRoom() {
      if (!whileWriting) end();
    },
  };
}
