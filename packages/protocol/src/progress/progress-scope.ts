import { bindToContext, currentScope } from '#progress-scope';

import { createProgressReporter, type ProgressOptions, type ProgressReporter } from './progress-reporter.ts';
import { toProgressHook, type ProgressTarget } from './targets/progress-target.ts';

/** Where the generations of an async context report to. */
export interface ProgressScope {
  target: ProgressTarget;
  options: ProgressOptions;
}

/** What every generate call takes. */
export interface GenerateProgress {
  /** Where this generation reports to, instead of to the scope that it is started in. */
  progress?: ProgressTarget;
  /** How often, and what; over the options of the scope, if that is where it reports to. */
  progressOptions?: ProgressOptions;
}

/** What of a request its progress depends on. */
export interface ReportedRequest {
  /** Over all choices. */
  maxTokens?: number | undefined;
  progressIntervalMs?: number | undefined;
}

/**
 * What a generation that starts here has to call with each of its events: for the target that it was given, else for
 * the scope that it is started in, else null. The hook runs in the caller's async context.
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
