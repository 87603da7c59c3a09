/**
 * Calls the callbacks of one event-loop iteration together in the next one, each once. So the events of one iteration go
 * out together, and a gateway that falls behind sends fewer and larger events.
 */
export class ImmediateQueue {
  #callbacks = new Set<() => void>();

  add(callback: () => void): void {
    if (this.#callbacks.size === 0) setImmediate(this.#run);
    this.#callbacks.add(callback);
  }

  readonly #run = (): void => {
    const callbacks = this.#callbacks;
    this.#callbacks = new Set();
    for (const callback of callbacks) callback();
  };
}
