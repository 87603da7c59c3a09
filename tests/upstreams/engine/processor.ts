import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Does work that takes time: one piece after the other where it is shared, else all pieces at once. */
export class Processor {
  readonly #shared: boolean;
  #last: Promise<void> = Promise.resolve();

  constructor(shared: boolean) {
    this.#shared = shared;
  }

  /** A worker with its own account of time, so that the errors of timers do not add up. */
  worker(signal: AbortSignal): (ms: number) => Promise<void> {
    let owed = 0;
    const work = async (ms: number) => {
      owed += ms;
      // Timers are good for whole milliseconds; a smaller debt waits for more.
      if (owed < 1) return turn();
      const started = performance.now();
      await sleep(owed, undefined, { signal });
      owed -= performance.now() - started;
    };
    if (!this.#shared) return work;
    return async (ms) => {
      const before = this.#last;
      let done: () => void = () => undefined;
      this.#last = new Promise((resolve) => (done = resolve));
      await before;
      try {
        signal.throwIfAborted();
        await work(ms);
      } finally {
        done();
      }
    };
  }
}
