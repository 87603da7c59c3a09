import { refuse } from './refuse.ts';

/** Collects the parts of a schema that its grammar does not keep, or refuses them when strict. */
export class LeftOut {
  readonly #strict: boolean;
  readonly #paths = new Set<string>();

  constructor({ strict }: { strict: boolean }) {
    this.#strict = strict;
  }

  get strict(): boolean {
    return this.#strict;
  }

  /** `fault` gives the reason and the remedy. @throws HeadwayError `invalid-request` when strict */
  add(path: string, fault: string): void {
    if (this.#strict) throw refuse(path, fault);
    this.#paths.add(path);
  }

  get paths(): string[] {
    return [...this.#paths];
  }
}
