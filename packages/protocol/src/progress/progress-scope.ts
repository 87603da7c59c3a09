import type { ProgressOptions } from './progress-reporter.ts';
import type { ProgressTarget } from './targets/progress-target.ts';

/** The target to which the generations of an async context report. */
export interface ProgressScope {
  target: ProgressTarget;
  options: ProgressOptions;
}
