import { timingSafeEqual } from 'node:crypto';

import { digestOf, ownerOf } from './api-key.ts';
import type { Caller } from '../caller.ts';

/** The keys of a gateway, as digests: it keeps none that somebody could use. */
export class ApiKeys {
  #known: readonly { digest: Buffer; caller: Caller }[] = [];

  /** @param digests SHA-256 of each key (`digestOf`) */
  constructor(digests: readonly Buffer[]) {
    this.replace(digests);
  }

  /** From here on these and no others are known. */
  replace(digests: readonly Buffer[]): void {
    this.#known = digests.map((digest) => ({ digest, caller: { owner: ownerOf(digest) } }));
  }

  /**
   * Whose key this is; null when it is none of the gateway's. Takes as long for a key that is nearly right as for one
   * that is all wrong: digests of equal length are compared in constant time, and all of them.
   */
  find(key: string): Caller | null {
    const presented = digestOf(key);
    let found: Caller | null = null;
    for (const { digest, caller } of this.#known) if (timingSafeEqual(digest, presented)) found = caller;
    return found;
  }

  /** Whether this caller's key is still one of them. */
  knows({ owner }: Caller): boolean {
    return this.#known.some(({ caller }) => caller.owner === owner);
  }
}
