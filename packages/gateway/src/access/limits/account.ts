import { normalizeIP } from '@fastify/rate-limit';

import type { Caller } from '../caller.ts';

/**
 * The account that a caller's requests count against: its key, or its address where it has no key. An IPv6 address
 * counts as its /64, because one host can use every address of its /64.
 */
export function accountOf(caller: Caller | null, address: string | undefined): string {
  return caller && caller.owner !== '' ? `key ${caller.owner}` : addressAccount(address);
}

export function addressAccount(address: string | undefined): string {
  return address === undefined ? 'nowhere' : normalizeIP(address);
}
