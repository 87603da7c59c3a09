import { HeadwayError } from '../../errors/headway-error.ts';
import type { ProgressHook } from '../progress-hook.ts';
import type { ProgressSnapshot } from '../progress-snapshot.ts';
import {
  isMultiBar,
  isSingleBar,
  multiBarHook,
  singleBarHook,
  type MultiBarLike,
  type SingleBarLike,
} from './target-cli-progress.ts';
import { elementHook, isValueElement, type ValueElementLike } from './target-element.ts';
import { isSpinner, spinnerHook, type SpinnerLike } from './target-ora.ts';

/** An object of the caller's: `update` gets each snapshot, `stop` is called after the final one. */
export interface UpdatableTarget {
  update(snapshot: ProgressSnapshot): unknown;
  stop?(snapshot: ProgressSnapshot): unknown;
}

/** Anything that shows progress. Headway recognises it by its shape and imports none of these packages. */
export type ProgressTarget =
  | ProgressHook
  | SingleBarLike
  | MultiBarLike
  | SpinnerLike
  | ValueElementLike
  | UpdatableTarget;

/**
 * A hook that draws one generation on a target.
 *
 * @throws HeadwayError `invalid-request` when the target has none of the known shapes
 */
export function toProgressHook(target: ProgressTarget): ProgressHook {
  if (typeof target === 'function') return target;
  if (isSpinner(target)) return spinnerHook(target);
  if (isMultiBar(target)) return multiBarHook(target);
  if (isSingleBar(target)) return singleBarHook(target);
  // Before `isUpdatable`: custom elements have an `update` of their own.
  if (isValueElement(target)) return elementHook(target);
  if (isUpdatable(target)) return updatableHook(target);
  throw new HeadwayError(
    'invalid-request',
    'progress: pass a function, a cli-progress bar, an ora spinner, an element with value and max, or an object with update() and stop()',
  );
}

function isUpdatable(target: unknown): target is UpdatableTarget {
  return typeof target === 'object' && target !== null && 'update' in target && typeof target.update === 'function';
}

function updatableHook(target: UpdatableTarget): ProgressHook {
  return (snapshot) => {
    // Either may return a promise: the hook rejects if one of them does.
    const updated = target.update(snapshot);
    return snapshot.isFinal ? Promise.all([updated, target.stop?.(snapshot)]) : updated;
  };
}
