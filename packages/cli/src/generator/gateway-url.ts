import { HeadwayError } from '@headway/protocol';

/**
 * A gateway's address as it was typed, without a slash at the end, nor the `/v1` that OpenAI's clients want there.
 *
 * @throws HeadwayError `invalid-request` for one that is none
 */
export function gatewayUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new HeadwayError(
      'invalid-request',
      `--url ${url} is not an http or https URL; give the gateway's, e.g. http://127.0.0.1:4477`,
    );
  }
  return `${parsed.origin}${parsed.pathname.replace(/(\/v1)?\/*$/, '')}`;
}
