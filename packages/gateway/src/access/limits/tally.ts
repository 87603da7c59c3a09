/** How many of a thing each of its holders has. Who has none takes no memory. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #all = 0;

  get all(): number {
    return this.#all;
  }

  of(holder: string): number {
    return this.#counts.get(holder) ?? 0;
  }

  /** One more, until the function that comes back is called; to call it again does nothing. */
  hold(holder: string): () => void {
    this.#counts.set(holder, this.of(holder) + 1);
    this.#all += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#all -= 1;
      const left = this.of(holder) - 1;
      if (left === 0) this.#counts.delete(holder);
      else this.#counts.set(holder, left);
    };
  }
}
