import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

import type { ProgressOptions } from './progress-reporter.ts';
import type { ProgressScope } from './progress-scope.ts';
import { toProgressHook, type ProgressTarget } from './targets/progress-target.ts';
import type { ProgressHook } from './progress-hook.ts';

/** It holds no state of its own: each scope lives in the async context of the call that opened it. */
const scopes = new AsyncLocalStorage<ProgressScope>();

/**
 * Runs `run` in a scope whose generations report to `target`: however deep they are started, however many at once,
 * and nobody else's. Of two nested scopes the inner one hears. Returns what `run` returns.
 *
 * @throws HeadwayError `invalid-request` when the target has none of the known shapes; whatever `run` throws
 */
export function withProgress<T>(target: ProgressTarget, run: () => T, options: ProgressOptions = {}): T {
  toProgressHook(target);
  return scopes.run({ target, options }, run);
}

export const currentScope = (): ProgressScope | undefined => scopes.getStore();

/** Binds a hook to this async context: an engine's own callbacks run in the context of whichever request came first. */
export function bindToContext(hook: ProgressHook): ProgressHook {
  const context = new AsyncResource('HeadwayProgress');
  return (snapshot) => context.runInAsyncScope(hook, undefined, snapshot);
}
