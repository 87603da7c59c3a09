import { HeadwayError } from '../errors/headway-error.ts';
import type { ProgressHook } from './progress-hook.ts';
import type { ProgressScope } from './progress-scope.ts';

/** Browsers have no async context that could hold a scope. @throws HeadwayError always; the message names the remedy */
export function withProgress(): never {
  throw new HeadwayError(
    'invalid-request',
    'withProgress: browsers have no AsyncLocalStorage; pass { progress } to generate() instead',
  );
}

export const currentScope = (): ProgressScope | undefined => undefined;

export const bindToContext = (hook: ProgressHook): ProgressHook => hook;
