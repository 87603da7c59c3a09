import { createHash, randomUUID } from 'node:crypto';

/**
 * A salt for the upstream's cache of prompts, where it has such a field: owners never meet each other's cached prompts, and
 * a request that wants nothing from the cache meets none. Nothing for requests without an owner.
 */
export function cacheSalt(cachePrompt: boolean, owner: string): { cache_salt?: string } {
  if (!cachePrompt) return { cache_salt: randomUUID() };
  return owner === '' ? {} : { cache_salt: createHash('sha256').update(owner).digest('hex') };
}
