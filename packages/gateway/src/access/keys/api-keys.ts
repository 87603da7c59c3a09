import { timingSafeEqual } from 'node:crypto';

import { digestOf, ownerOf } from './api-key.ts';
import type { Caller } from '../caller.ts';

/** The keys of a gateway. It stores digests only, so that a leak of its memory or file gives away no usable key. */
export class ApiKeys {
  #known: readonly { digest: Buffer; caller: Caller }[] = [];

  /** @param digests SHA-256 of each key (`digestOf`) */
  constructor(digests: readonly Buffer[]) {
    this.replace(digests);
  }

  /** Replaces all keys. */
  replace(digests: readonly Buffer[]): void {
    this.#known = digests.map((digest) => ({ digest, caller: { owner: ownerOf(digest) } }));
  }

  /**
   * The caller that a key belongs to; null for an unknown key. It compares all digests, each in constant time, so that
   * the time it takes does not show how much of a key is right.
   */
  find(key: string): Caller | null {
    const presented = digestOf(key);
    let found: Caller | null = null;
    for (const { digest, caller } of this.#known) if (timingSafeEqual(digest, presented)) found = caller;
    return found;
  }

  /** Whether the gateway still has this caller's key. */
  knows({ owner }: Caller): boolean {
    return this.#known.some(({ caller }) => caller.owner === owner);
  }
}
