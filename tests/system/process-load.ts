import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** CPU time of a process, in seconds. Linux counts in hundredths. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The process name, in brackets, may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resolves once a process is idle: it used less than a tenth of a CPU for half a second. */
export async function atRest(pid: number): Promise<void> {
  for (let before = processorSeconds(pid); ;) {
    await pause(500);
    const now = processorSeconds(pid);
    if (now - before < 0.05) return;
    before = now;
  }
}
