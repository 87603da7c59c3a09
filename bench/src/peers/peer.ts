import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { treeCost, type TreeCost } from '../process-tree.ts';

/** A server that is measured from outside. */
export interface Peer {
  name: string;
  url: string;
  pid: number;
  /** What all its processes have used so far. */
  cost(): TreeCost;
  close(): Promise<void>;
}

export interface PeerCommand {
  name: string;
  command: string;
  args: readonly string[];
  /** Resolves with the server's address when it answers. */
  ready: (child: ChildProcess) => Promise<string>;
}

/**
 * Starts a server and waits until it is ready. It ends with this process.
 *
 * @throws Error when it ends before it is ready, with the last lines that it printed
 */
export async function startPeer({ name, command, args, ready }: PeerCommand): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(() => {
    process.off('exit', kill);
  });
  const failed = ended.then(() => {
    throw new Error(`${name} ended before it was ready. ${command} ${args.join(' ')}\n${printed}`);
  });
  const url = await Promise.race([ready(child), failed]);
  failed.catch(() => undefined);
  return {
    name,
    url,
    pid: child.pid ?? 0,
    cost: () => treeCost(child.pid ?? 0),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(kill, 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
