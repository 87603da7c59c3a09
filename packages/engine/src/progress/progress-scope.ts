import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

import type { GenerationEvent } from '@headway/protocol';

import { toProgressHook, type ProgressHook, type ProgressTarget } from './progress-hook.ts';
import { createProgressReporter, type ProgressOptions } from './progress-reporter.ts';

interface Scope {
  hook: ProgressHook;
  options: ProgressOptions;
}

/** It holds no state of its own: each scope lives in the async context of the call that opened it. */
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Runs `run` in a scope whose generations report to `target`: however deep they are started, however many at once,
 * and nobody else's. Of two nested scopes the inner one hears. Returns what `run` returns.
 *
 * @throws HeadwayError `invalid-request` when the target has none of the known shapes; whatever `run` throws
 */
export function withProgress<T>(target: ProgressTarget, run: () => T, options: ProgressOptions = {}): T {
  return scopes.run({ hook: toProgressHook(target), options }, run);
}

/**
 * What a generation that starts here has to call with each of its events; null outside of every scope. The hook runs
 * in the caller's async context: an engine's own callbacks run in the context of whichever request came first.
 */
export function captureProgress(): ((event: GenerationEvent) => void) | null {
  const scope = scopes.getStore();
  if (!scope) return null;
  const context = new AsyncResource('HeadwayProgress');
  const hook: ProgressHook = (snapshot) => context.runInAsyncScope(scope.hook, undefined, snapshot);
  return createProgressReporter(hook, scope.options);
}
