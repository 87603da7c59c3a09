/** Holds the id of the process that started this one with a thread pool of one. */
export const inOrderVariable = 'HEADWAY_JOBS_IN_ORDER';

/**
 * Whether libuv's jobs run one after the other here, in the order in which they are queued. `UV_THREADPOOL_SIZE` alone
 * does not say so: libuv reads it once, at the pool's first use.
 */
export function runsJobsInOrder(): boolean {
  return process.env[inOrderVariable] === String(process.ppid);
}
