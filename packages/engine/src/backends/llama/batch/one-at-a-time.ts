/** Runs tasks one after the other. */
export class OneAtATime {
  #last: Promise<void> = Promise.resolve();

  /** `task` never rejects. */
  run(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(task);
    return this.#last;
  }
}
