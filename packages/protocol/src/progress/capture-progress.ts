import { bindToContext, currentScope } from '#progress-scope';

import { createProgressReporter, type ProgressOptions, type ProgressReporter } from './progress-reporter.ts';
import { toProgressHook, type ProgressTarget } from './targets/progress-target.ts';

/** The progress options of every generate call. */
export interface GenerateProgress {
  /** The target of this generation; it replaces that of the scope. */
  progress?: ProgressTarget;
  /** How often to report, and what. They override the scope's options. */
  progressOptions?: ProgressOptions;
}

/** The fields of a request that its progress depends on. */
export interface ReportedRequest {
  /** The limit over all choices. */
  maxTokens?: number | undefined;
  progressIntervalMs?: number | undefined;
}

/**
 * Makes the reporter that a new generation calls with each of its events. It reports to `progress`, or else to the
 * current scope; null when there is neither. The hook runs in the caller's async context.
 *
 * @throws HeadwayError `invalid-request` when the target has none of the known shapes
 */
export function captureProgress(
  { progress, progressOptions = {} }: GenerateProgress,
  { maxTokens, progressIntervalMs }: ReportedRequest = {},
): ProgressReporter | null {
  const scope = progress ? { target: progress, options: {} } : currentScope();
  if (!scope) return null;
  return createProgressReporter(bindToContext(toProgressHook(scope.target)), {
    ...scope.options,
    ...progressOptions,
    maxTokens: maxTokens ?? null,
    progressIntervalMs,
  });
}
