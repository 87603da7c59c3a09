import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

import { round } from '../statistics.ts';

/** Facts without which figures say nothing. */
export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: round(totalmem() / 2 ** 30, 0),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    /** Mean number of processes that wanted a core in the last minute. */
    load: round(loadavg()[0] ?? 0),
  };
}
