/** Places for so many at a time, and a queue for the others, first come first served. */
export class Slots {
  readonly #free: number[];
  readonly #waiting: { give: (slot: number) => void }[] = [];

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, slot) => slot);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** A place, once there is one. Throws the signal's reason when it aborts first. */
  take(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const free = this.#free.shift();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const place = {
        give: (slot: number) => {
          signal.removeEventListener('abort', leave);
          resolve(slot);
        },
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(place);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  giveBack(slot: number): void {
    const next = this.#waiting.shift();
    if (next) next.give(slot);
    else this.#free.push(slot);
  }
}
