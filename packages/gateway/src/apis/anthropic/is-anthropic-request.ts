import { isBelow, type RequestAddress } from '../../surface/request-address.ts';

/** True for Anthropic's paths, and for the list of models if the request has the header of Anthropic's clients. */
export function isAnthropicRequest(request: RequestAddress): boolean {
  if (isBelow(request, '/v1/messages')) return true;
  return isBelow(request, '/v1/models') && request.headers['anthropic-version'] !== undefined;
}
