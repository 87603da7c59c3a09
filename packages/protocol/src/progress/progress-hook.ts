import type { ProgressSnapshot } from './progress-snapshot.ts';

/**
 * Called with a generation's state; the last call has `isFinal`. Only `strict` waits for its promise, after the last
 * call.
 */
export type ProgressHook = (snapshot: ProgressSnapshot) => unknown;
