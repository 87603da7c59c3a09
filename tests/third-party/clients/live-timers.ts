import { createHook } from 'node:async_hooks';

/** Counts timers set from now on that are neither done nor cleared, also unreferenced ones. */
export class LiveTimers implements Disposable {
  readonly #live = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.#live.add(id);
    },
    destroy: (id) => this.#live.delete(id),
  }).enable();

  /** The number of timers left, after a wait until at most `atMost` remain. It waits without a timer of its own. */
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
