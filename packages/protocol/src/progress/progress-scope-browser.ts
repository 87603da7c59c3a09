import { HeadwayError } from '../errors/headway-error.ts';
import type { ProgressHook } from './progress-hook.ts';
import type { ProgressScope } from './progress-scope.ts';

/** Pages have no async context to find a scope by. @throws HeadwayError always, with the way that works there */
export function withProgress(): never {
  throw new HeadwayError(
    'invalid-request',
    'withProgress: browsers have no AsyncLocalStorage; pass { progress } to generate() instead',
  );
}

export const currentScope = (): ProgressScope | undefined => undefined;

export const bindToContext = (hook: ProgressHook): ProgressHook => hook;
