import { normalizeIP } from '@fastify/rate-limit';

import type { Caller } from '../caller.ts';

/**
 * What a caller's requests are counted under: the key, or without one the address. An IPv6 address counts as its /64,
 * since whoever has one has all of them.
 */
export function accountOf(caller: Caller | null, address: string | undefined): string {
  return caller && caller.owner !== '' ? `key ${caller.owner}` : addressAccount(address);
}

export function addressAccount(address: string | undefined): string {
  return address === undefined ? 'nowhere' : normalizeIP(address);
}
