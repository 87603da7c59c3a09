import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

import type { ProgressOptions } from './progress-reporter.ts';
import type { ProgressScope } from './progress-scope.ts';
import { toProgressHook, type ProgressTarget } from './targets/progress-target.ts';
import type { ProgressHook } from './progress-hook.ts';

/** Each scope lives in the async context of the call that opened it. */
const scopes = new AsyncLocalStorage<ProgressScope>();

/**
 * Runs `run` in a scope: every generation that starts inside it, at any depth, reports to `target`. Of two nested
 * scopes only the inner one reports. Returns what `run` returns.
 *
 * @throws HeadwayError `invalid-request` when the target has none of the known shapes; whatever `run` throws
 */
export function withProgress<T>(target: ProgressTarget, run: () => T, options: ProgressOptions = {}): T {
  toProgressHook(target);
  return scopes.run({ target, options }, run);
}

export const currentScope = (): ProgressScope | undefined => scopes.getStore();

/**
 * Binds a hook to the caller's async context: an engine's callbacks run in the context of the request that came first.
 */
export function bindToContext(hook: ProgressHook): ProgressHook {
  const context = new AsyncResource('HeadwayProgress');
  return (snapshot) => context.runInAsyncScope(hook, undefined, snapshot);
}
