/**
 * Calls the callbacks of one event-loop iteration together in the next one. So the events of one iteration go out
 * together, and a gateway that falls behind sends fewer and larger events.
 */
export class ImmediateQueue {
  #callbacks: (() => void)[] = [];

  add(callback: () => void): void {
    if (this.#callbacks.length === 0) setImmediate(this.#run);
    this.#callbacks.push(callback);
  }

  readonly #run = (): void => {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  };
}
