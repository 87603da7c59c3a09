import { HeadwayError } from '@headway/protocol';

import type { ProgressSnapshot } from './progress-snapshot.ts';

/** Called with how a generation stands; the last call has `isFinal`. */
export type ProgressHook = (snapshot: ProgressSnapshot) => void;

/** Anything that shows progress: a function, or an object that is updated and, at the end, stopped. */
export type ProgressTarget =
  | ProgressHook
  | { update(snapshot: ProgressSnapshot): void; stop?(snapshot: ProgressSnapshot): void };

/** @throws HeadwayError `invalid-request` when the target has none of the known shapes */
export function toProgressHook(target: ProgressTarget): ProgressHook {
  if (typeof target === 'function') return target;
  if (typeof target?.update === 'function') {
    return (snapshot) => {
      target.update(snapshot);
      if (snapshot.isFinal) target.stop?.(snapshot);
    };
  }
  throw new HeadwayError('invalid-request', 'progress: pass a function, or an object with update() and stop()');
}
