import { isBelow, type RequestAddress } from '../../surface/request-address.ts';

/** Its own paths, and the models for clients that send the header which Anthropic's always send. */
export function isAnthropicRequest(request: RequestAddress): boolean {
  if (isBelow(request, '/v1/messages')) return true;
  return isBelow(request, '/v1/models') && request.headers['anthropic-version'] !== undefined;
}
