import { networkInterfaces } from 'node:os';

import { HeadwayError } from '@headway/protocol';

import { hostnameOf, isLoopback, type AccessPolicy } from './access-policy.ts';
import { createOriginList } from './origin-list.ts';

export interface AccessPolicyOptions {
  /** Address that the gateway listens on. */
  host: string;
  allowHosts: readonly string[];
  allowOrigins: readonly string[];
  /** Addresses of this machine, for a gateway that listens on all of them. @default those of its network interfaces */
  ownAddresses?: () => string[];
}

/** @throws HeadwayError `invalid-request` for an invalid host or origin */
export function createAccessPolicy(options: AccessPolicyOptions): AccessPolicy {
  const { host, allowHosts, allowOrigins, ownAddresses = systemAddresses } = options;
  const named = new Set([
    readHost(inBrackets(host), '--host'),
    ...allowHosts.map((name) => readHost(name, '--allow-host')),
  ]);
  const wide = isWide(host);
  return {
    ownsHost: (hostname) =>
      isLoopback(hostname) || named.has(hostname) || (wide && ownAddresses().map(inBrackets).includes(hostname)),
    allowedOrigins: createOriginList(allowOrigins),
  };
}

/** Whether `host` means all addresses of this machine. */
export function isWide(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}

/** Whether only this machine can reach a gateway that listens on `host`. */
export function isLoopbackBind(host: string): boolean {
  const hostname = hostnameOf(inBrackets(host));
  return hostname !== null && isLoopback(hostname);
}

/** `host` as a URL spells it: an IPv6 address in brackets. */
export function inBrackets(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function readHost(name: string, flag: string): string {
  const hostname = hostnameOf(name === '' ? '0.0.0.0' : name);
  if (hostname !== null) return hostname;
  throw new HeadwayError(
    'invalid-request',
    `${flag}: ${JSON.stringify(name)} is not a host name; write it like box.example`,
  );
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
}
