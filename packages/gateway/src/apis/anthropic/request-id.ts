import { createGenerationId } from '@headway/protocol';

/** Where Anthropic's SDKs look for what a request is called, in the log too. */
export const requestIdHeader = 'request-id';

/** What a request is called. */
export function createRequestId(): string {
  return `req_${createGenerationId()}`;
}
