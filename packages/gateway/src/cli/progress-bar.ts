import type { ProgressSnapshot, UpdatableTarget } from '@headway/protocol';
import cliProgress from 'cli-progress';

import { readingLine } from './reading-line.ts';

export interface ProgressBarOptions {
  /** Whether it stays while the answer is written, because that goes elsewhere. */
  whileWriting?: boolean;
  /** Whether it shows the model's loading; where that is a download, it has a bar of its own. @default true */
  whileLoading?: boolean;
}

/** The line on stderr that shows how a generation stands, and is gone before the first word; nothing but on a terminal. */
export function createProgressBar({
  whileWriting = false,
  whileLoading = true,
}: ProgressBarOptions = {}): UpdatableTarget {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    fps: 20,
    forceRedraw: true,
    format: (_options, _params, { snapshot }: { snapshot: ProgressSnapshot }) =>
      readingLine(snapshot, process.stderr.columns),
  });
  // However the process ends, the cursor is back.
  const stop = () => bar.stop();
  let begun = false;
  return {
    update(snapshot) {
      const { phase, prompt, isFinal } = snapshot;
      if (isFinal || (phase === 'decode' && !whileWriting)) {
        stop();
        process.removeListener('exit', stop);
        return;
      }
      if (phase === 'loading' && !whileLoading) return;
      if (!begun) {
        begun = true;
        process.once('exit', stop);
        bar.start(prompt?.total ?? 1, 0, { snapshot });
      }
      bar.update(prompt?.processed ?? 0, { snapshot });
    },
  };
}
