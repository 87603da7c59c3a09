import { readdirSync, readFileSync } from 'node:fs';

import type { Peer } from '../peers/peer.ts';

/** Processor time of a server so far, in ms: to the nanosecond on Linux, else in the system's steps. */
export function processorMs(peer: Peer): number {
  if (process.platform !== 'linux') return peer.cost().cpuMs;
  const threads = readdirSync(`/proc/${peer.pid}/task`);
  const spent = threads.map((thread) =>
    Number(readFileSync(`/proc/${peer.pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return spent.reduce((total, ns) => total + ns, 0) / 1e6;
}
