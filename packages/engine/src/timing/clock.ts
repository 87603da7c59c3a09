/** The engine's source of time; tests pass a virtual one. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts and clears the timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `late` after `ms`, unless the returned function is called first. A virtual clock does not advance for it. With
   * `unref` the process does not stay alive for it.
   */
  after(ms: number, late: () => void, options?: { unref?: boolean }): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after: (ms, late, { unref = false } = {}) => {
    const timer = setTimeout(late, ms);
    if (unref) timer.unref();
    return () => clearTimeout(timer);
  },
};
