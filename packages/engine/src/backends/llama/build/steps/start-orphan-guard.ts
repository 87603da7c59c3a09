import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that waits for the end of this one, however it ends, and then kills a group of processes. */
export interface OrphanGuard extends AsyncDisposable {
  /** Kills this group and no other from now on; null: none. */
  guard: (group: number | null) => void;
}

/**
 * Reads the group from stdin, again and again. The system closes that pipe when the process at its other end has ended,
 * by SIGKILL, too, which no handler sees.
 */
const script = `trap '' HUP INT TERM
while read -r line; do group=$line; done
if [ -n "$group" ]; then kill -s KILL -- "-$group"; fi`;

/** Starts a guard, for systems with a shell. It is in a group of its own, so that what ends this one's does not end it. */
export function startOrphanGuard(): OrphanGuard {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = once(child, 'exit').catch(() => undefined);
  child.unref();
  // Without a guard the programs run all the same.
  child.stdin.on('error', () => undefined);
  return {
    guard: (group) => void child.stdin.write(`${group ?? ''}\n`),
    async [Symbol.asyncDispose]() {
      child.ref();
      child.stdin.end('\n');
      await ended;
    },
  };
}
