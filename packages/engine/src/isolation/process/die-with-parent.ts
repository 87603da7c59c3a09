import { Worker } from 'node:worker_threads';

/** The worker's program, as plain JavaScript, so that it runs without a TypeScript loader. */
const watch = (parent: number) => `
  setInterval(() => {
    if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL');
  }, 500);
`;

/**
 * Kills this process when its parent ends, for whatever reason. Nothing has to be saved, so it uses SIGKILL: native
 * exit handlers may wait forever for a thread that hangs. The main thread reacts when the channel disconnects; a worker
 * checks the parent twice a second, in case the main thread is in a native call that never returns.
 */
export function dieWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  new Worker(watch(process.ppid), { eval: true, execArgv: [] }).unref();
}
