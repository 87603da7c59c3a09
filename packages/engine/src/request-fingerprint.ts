import { createHash } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';

/** Equal for requests that ask for the same, whatever they are called and wherever they are taken up again. */
export function requestFingerprint(request: GenerateRequest): string {
  const asked = JSON.stringify({ ...request, id: undefined, lastEventId: undefined });
  return createHash('sha256').update(asked).digest('base64');
}
