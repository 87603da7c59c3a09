import type { ProgressSnapshot } from './progress-snapshot.ts';

/** Called with how a generation stands; the last call has `isFinal`. Nothing waits for a promise, but `strict` at the end. */
export type ProgressHook = (snapshot: ProgressSnapshot) => unknown;
