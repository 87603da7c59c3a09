import { readFileSync } from 'node:fs';

interface Wait {
  from: number;
  to: number;
  /** What the loop's thread was given of the processor meanwhile; null where the system does not say. */
  cpuMs: number | null;
}

/** The longest time that something in a span had the event loop to itself, in ms: as the clock and the processor say. */
export interface Hold {
  ms: number;
  cpuMs: number;
}

/** Ticks as often as a timer can, and remembers for how long the event loop let it wait. */
export function watchLoop() {
  const waits: Wait[] = [];
  let [last, lastCpu] = [performance.now(), loopCpuMs()];
  const timer = setInterval(() => {
    const [now, cpu] = [performance.now(), loopCpuMs()];
    waits.push({ from: last, to: now, cpuMs: cpu === null || lastCpu === null ? null : cpu - lastCpu });
    [last, lastCpu] = [now, cpu];
  }, 1);
  return {
    /** Between two moments of `performance.now()`. */
    longest(from: number, to: number): Hold {
      const longest: Hold = { ms: 0, cpuMs: 0 };
      for (const wait of waits) {
        if (wait.to <= from || wait.from >= to) continue;
        const ms = Math.min(to, wait.to) - Math.max(from, wait.from);
        longest.ms = Math.max(longest.ms, ms);
        longest.cpuMs = Math.max(longest.cpuMs, Math.min(ms, wait.cpuMs ?? Number.NaN));
      }
      return longest;
    },
    /** Resolves when the timer has ticked for what happened so far. */
    settled: (): Promise<void> => new Promise((resolve) => setTimeout(() => setTimeout(resolve, 2), 2)),
    forget: (): void => void waits.splice(0),
    stop: (): void => clearInterval(timer),
  };
}

/** Processor time of the thread that runs JavaScript, as Linux counts it: what a busy machine leaves alone. */
function loopCpuMs(): number | null {
  if (process.platform !== 'linux') return null;
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
