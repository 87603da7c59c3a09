import { Worker } from 'node:worker_threads';

/** Its text is the worker's whole program: plain JavaScript, whatever this module was loaded by. */
const watch = (parent: number) => `
  setInterval(() => {
    if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL');
  }, 500);
`;

/**
 * Ends this process when its parent is gone, for whatever reason. There is nobody left to tell and nothing to save, so it
 * goes at once and without the native code's goodbyes, which may wait for ever for a thread that hangs. The channel tells
 * it at once; a thread of its own looks twice a second, in case the main one is in a native call that never returns.
 */
export function dieWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  new Worker(watch(process.ppid), { eval: true, execArgv: [] }).unref();
}
