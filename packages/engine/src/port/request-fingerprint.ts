import { createHash } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';

/** Texts of this many characters or more are hashed first: writing megabytes as JSON takes longer than hashing them. */
const longText = 4096;

/** Equal for requests that differ only in `id` and `lastEventId`. */
export function requestFingerprint(request: GenerateRequest): string {
  const content = JSON.stringify({ ...request, id: undefined, lastEventId: undefined }, (_key, value: unknown) =>
    typeof value === 'string' && value.length >= longText ? { text: hashOf(value) } : value,
  );
  return hashOf(content);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
