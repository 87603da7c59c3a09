/** A budget of steps for one grammar, whose analysis blocks other requests. */
export class Work {
  #left: number;
  readonly #refusal: () => Error;

  constructor(steps: number, refusal: () => Error) {
    this.#left = steps;
    this.#refusal = refusal;
  }

  /** @throws the refusal when the budget is used up */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw this.#refusal();
  }
}
