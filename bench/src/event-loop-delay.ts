import { readFileSync } from 'node:fs';

interface Wait {
  from: number;
  to: number;
  /** CPU time of the event-loop thread during the wait; null when the system does not report it. */
  cpuMs: number | null;
}

/** The longest time for which the event loop was blocked, in ms of wall time and of CPU time. */
export interface BlockedTime {
  ms: number;
  cpuMs: number;
}

/** Runs a 1 ms timer and records the delays between its ticks. */
export function watchEventLoop() {
  const waits: Wait[] = [];
  let [last, lastCpu] = [performance.now(), loopCpuMs()];
  const timer = setInterval(() => {
    const [now, cpu] = [performance.now(), loopCpuMs()];
    waits.push({ from: last, to: now, cpuMs: cpu === null || lastCpu === null ? null : cpu - lastCpu });
    [last, lastCpu] = [now, cpu];
  }, 1);
  return {
    /** The longest delay between two times of `performance.now()`. */
    longest(from: number, to: number): BlockedTime {
      const longest: BlockedTime = { ms: 0, cpuMs: 0 };
      for (const wait of waits) {
        if (wait.to <= from || wait.from >= to) continue;
        const ms = Math.min(to, wait.to) - Math.max(from, wait.from);
        longest.ms = Math.max(longest.ms, ms);
        longest.cpuMs = Math.max(longest.cpuMs, Math.min(ms, wait.cpuMs ?? Number.NaN));
      }
      return longest;
    },
    /** Resolves when the timer has ticked after everything that happened so far. */
    settled: (): Promise<void> => new Promise((resolve) => setTimeout(() => setTimeout(resolve, 2), 2)),
    forget: (): void => void waits.splice(0),
    stop: (): void => clearInterval(timer),
  };
}

/** CPU time of the JavaScript thread on Linux, in ms. Unlike wall time, it does not depend on other load. */
function loopCpuMs(): number | null {
  if (process.platform !== 'linux') return null;
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
