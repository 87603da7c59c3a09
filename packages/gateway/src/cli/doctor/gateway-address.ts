import { HeadwayError } from '@headway/protocol';

/** A gateway and who asks. */
export interface GatewayAddress {
  /** Without a slash at the end. */
  url: string;
  apiKey: string | undefined;
}

/** @throws HeadwayError `invalid-request` for a URL that is none */
export function gatewayAddress(url: string, apiKey: string | undefined): GatewayAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new HeadwayError(
      'invalid-request',
      `--url ${url} is not an http or https URL; give the gateway's, e.g. http://127.0.0.1:4477`,
    );
  }
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, apiKey };
}
