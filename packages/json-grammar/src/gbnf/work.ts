/** Steps that one grammar may take; nobody else is served while they are gone. */
export class Work {
  #left: number;
  readonly #refusal: () => Error;

  constructor(steps: number, refusal: () => Error) {
    this.#left = steps;
    this.#refusal = refusal;
  }

  /** @throws the refusal when they are used up */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw this.#refusal();
  }
}
