import { createHook } from 'node:async_hooks';

/** Timers that were set from here on and are neither done nor cleared, also those that keep no process alive. */
export class LiveTimers implements Disposable {
  readonly #live = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.#live.add(id);
    },
    destroy: (id) => this.#live.delete(id),
  }).enable();

  /** How many are left, once all but `atMost` had the time to go. Waits without a timer of its own. */
  async left(atMost: number): Promise<number> {
    const start = performance.now();
    while (this.#live.size > atMost && performance.now() - start < 3_000) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#live.size;
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }
}
