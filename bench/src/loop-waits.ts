/** Ticks as often as a timer can and remembers for how long the event loop let it wait. */
export function watchLoop() {
  const waits: { from: number; ms: number }[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    waits.push({ from: last, ms: now - last });
    last = now;
  }, 1);
  return {
    /** The longest wait that began in this time, in ms. */
    longest: (from: number, to: number): number =>
      waits.reduce(
        (longest, wait) => (wait.from >= from - 1 && wait.from < to ? Math.max(longest, wait.ms) : longest),
        0,
      ),
    /** Resolves when the timer has ticked for what happened so far. */
    settled: (): Promise<void> => new Promise((resolve) => setTimeout(() => setTimeout(resolve, 2), 2)),
    stop: (): void => clearInterval(timer),
  };
}
