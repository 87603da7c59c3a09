import { createHash } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';

/** Characters from which on a text goes in as its hash: to write out megabytes as JSON takes longer. */
const longText = 4096;

/** Equal for requests that ask for the same, whatever they are called and wherever they are taken up again. */
export function requestFingerprint(request: GenerateRequest): string {
  const asked = JSON.stringify({ ...request, id: undefined, lastEventId: undefined }, (_key, value: unknown) =>
    typeof value === 'string' && value.length >= longText ? { text: hashOf(value) } : value,
  );
  return hashOf(asked);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
