import type { IncomingHttpHeaders } from 'node:http';

import { HeadwayError } from '@headway/protocol';

import type { OriginList } from './origin-list.ts';

/** Which hosts and origins requests may name. */
export interface AccessPolicy {
  /** Whether `hostname` names this gateway. It is in lower case, without a port, and an IPv6 address is in brackets. */
  ownsHost(hostname: string): boolean;
  /** Origins, besides the gateway's own, whose pages may use it. */
  allowedOrigins: OriginList;
}

export interface AccessRequest {
  method: string;
  headers: IncomingHttpHeaders;
  /** Whether the request opens a WebSocket. */
  upgrade: boolean;
}

/**
 * Null for a request that may pass, else the error `forbidden`, which names the header and the flag that would allow it.
 *
 * A browser lets any page send requests to this machine, so three headers that a page cannot forge decide. `Host` shows
 * a foreign DNS name that points here (DNS rebinding). `Origin` shows which site's page sent the request.
 * `Sec-Fetch-Site` shows the same for requests without an Origin. Programs send neither of the last two. A link on
 * another site may open the page: that is a top-level GET, which changes nothing and whose answer the other site cannot
 * read.
 */
export function checkAccess({ method, headers, upgrade }: AccessRequest, policy: AccessPolicy): HeadwayError | null {
  const { host, origin } = headers;
  const hostname = hostnameOf(host);
  if (hostname === null || !policy.ownsHost(hostname)) return forbiddenHost(host, hostname);

  if (origin !== undefined) {
    if (policy.allowedOrigins.has(origin.toLowerCase())) return null;
    if (!isSameOrigin(origin, host)) return forbiddenOrigin(origin);
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'none' || site === 'same-origin') return null;
  if (origin === undefined && !upgrade && isTopLevelNavigation(method, headers)) return null;
  return forbiddenSite(String(site));
}

/** The name in a `Host` header, without its port; null when the header is no valid host. */
export function hostnameOf(host: string | undefined): string | null {
  if (!host || /[\s/\\?#@]/.test(host) || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname.replace(/\.$/, '');
}

/** Whether `hostname` always means this machine. Browsers never look `*.localhost` up. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
    hostname.startsWith('[::ffff:7f')
  );
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return new URL(`${protocol}//${host}`).host === originHost;
}

function isTopLevelNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

function forbiddenHost(host: string | undefined, hostname: string | null): HeadwayError {
  if (hostname === null) return new HeadwayError('forbidden', 'Host: the header is missing or is not a host name');
  return new HeadwayError(
    'forbidden',
    `Host: ${quote(host ?? '')} is not a name of this gateway; if it should be, start it with --allow-host ${cut(hostname)}`,
  );
}

function forbiddenOrigin(origin: string): HeadwayError {
  if (origin === 'null') {
    return new HeadwayError(
      'forbidden',
      'Origin: pages without an origin (files, sandboxed frames) may not use this gateway; ' +
        'serve the page from an origin, and start the gateway with --allow-origin and that origin',
    );
  }
  return new HeadwayError(
    'forbidden',
    `Origin: pages of ${quote(origin)} may not use this gateway; to allow them, start it with --allow-origin ${cut(origin)}`,
  );
}

function forbiddenSite(site: string): HeadwayError {
  return new HeadwayError(
    'forbidden',
    `Sec-Fetch-Site: ${quote(site)} says that a page of another site sent this; ` +
      'to allow that site, start the gateway with --allow-origin and its origin',
  );
}

function quote(value: string): string {
  return JSON.stringify(cut(value));
}

function cut(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
