import { formatProgress } from '../format-progress.ts';
import { moodOf } from '../progress-outcome.ts';
import type { ProgressHook } from '../progress-hook.ts';

/** The part of an ora spinner that Headway uses. */
export interface SpinnerLike {
  text: string;
  readonly isSpinning: boolean;
  start(text?: string): unknown;
  succeed(text?: string): unknown;
  warn(text?: string): unknown;
  fail(text?: string): unknown;
}

export function isSpinner(target: unknown): target is SpinnerLike {
  return (
    typeof target === 'object' && target !== null && 'isSpinning' in target && 'succeed' in target && 'fail' in target
  );
}

/** Shows the status line beside the spinner; at the end a green tick, an amber sign or a red cross. */
export function spinnerHook(spinner: SpinnerLike): ProgressHook {
  return (snapshot) => {
    const line = formatProgress(snapshot);
    switch (moodOf(snapshot)) {
      case null:
        spinner.text = line;
        if (!spinner.isSpinning) spinner.start();
        return;
      case 'good':
        spinner.succeed(line);
        return;
      case 'stopped':
        spinner.warn(line);
        return;
      case 'failed':
        spinner.fail(line);
    }
  };
}
