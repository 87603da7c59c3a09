import { totalmem } from 'node:os';

/** The memory of this machine, or of this process's container, in bytes. */
export function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
