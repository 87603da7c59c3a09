import { createGenerationId } from '@headway/protocol';

/** The header in which Anthropic's SDKs find the request's id. The log has the same id. */
export const requestIdHeader = 'request-id';

/** Makes a request's id. */
export function createRequestId(): string {
  return `req_${createGenerationId()}`;
}
