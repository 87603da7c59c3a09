import { refuse } from './refuse.ts';

/** What of a schema its grammar does not keep. Where nothing may be left out, it is refused. */
export class LeftOut {
  readonly #strict: boolean;
  readonly #paths = new Set<string>();

  constructor({ strict }: { strict: boolean }) {
    this.#strict = strict;
  }

  get strict(): boolean {
    return this.#strict;
  }

  /** `fault` says what is wrong and the remedy. @throws HeadwayError `invalid-request` where nothing may be left out */
  add(path: string, fault: string): void {
    if (this.#strict) throw refuse(path, fault);
    this.#paths.add(path);
  }

  get paths(): string[] {
    return [...this.#paths];
  }
}
