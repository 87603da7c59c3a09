import { isBelow, type AskedPath } from '../../surface/asked-path.ts';

/** Its own paths, and the models for clients that send the header which Anthropic's always send. */
export function speaksAnthropic(request: AskedPath): boolean {
  if (isBelow(request, '/v1/messages')) return true;
  return isBelow(request, '/v1/models') && request.headers['anthropic-version'] !== undefined;
}
