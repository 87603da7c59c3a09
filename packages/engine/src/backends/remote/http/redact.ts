import { isIPv6 } from 'node:net';

/** What an address or a path is replaced with. */
const hidden = '…';

/** Shorter keys and hosts are no secrets, and stand in any text. */
const shortestSecret = 4;

/** Host, port and password of a URL. Its path stays, as it names what was asked for. */
const authority = /(?<=:\/\/)(?:\[[^\]\s]*\](?::\d+)?|[^\s/?#"'`<>()[\]{},;]+)/g;

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const ipv4 = new RegExp(String.raw`(?<![\w.])${octet}(?:\.${octet}){3}(?::\d{1,5})?(?!\w|\.\d)`, 'g');
/** What may be an IPv6 address, in brackets with a port or bare. */
const maybeIpv6 =
  /(?<![\w:])(?:\[([\da-f:.]+(?:%\w+)?)\](?::\d{1,5})?|([\da-f]{0,4}(?::[\da-f]{0,4}){2,7})(?:%\w+)?)(?![\w:])/gi;

/** How an absolute path of a file begins. `/v1/…` and `/api/…` are paths of an API, and `/n` alone is no file. */
const root = String.raw`(?:~?\/(?!v\d+\/|api\/)[^\s\/"'\`<>()[\]{},;:|]+\/|[a-zA-Z]:[\\\/]|\\\\)`;
const quotedPath = new RegExp(String.raw`(?<=(["'\`]))${root}[^"'\`\n]*(?=\1)`, 'g');
const barePath = new RegExp(
  String.raw`(?<=^|[\s"'\`([{<=:,;|>]|file:\/\/${hidden}?)${root}[^\s"'\`<>()[\]{},;:|]*`,
  'gm',
);

/** A text without these keys and hosts, and without any address or absolute path of a file. */
export function redact(text: string, { keys, hosts }: { keys: readonly string[]; hosts: readonly string[] }): string {
  const shown = keys
    .filter((key) => key.length >= shortestSecret)
    .reduce((rest, key) => rest.replaceAll(key, hidden), text)
    .replace(authority, hidden);
  return hosts
    .filter((host) => host.length >= shortestSecret)
    .reduce((rest, host) => rest.replace(named(host), hidden), shown)
    .replace(ipv4, hidden)
    .replace(maybeIpv6, (found, inBrackets?: string, bare?: string) => {
      const address = inBrackets ?? bare ?? '';
      return address !== '::' && isIPv6(address) ? hidden : found;
    })
    .replace(quotedPath, hidden)
    .replace(barePath, hidden);
}

/** A host and its port, in any case, but not as a part of a longer word. */
function named(host: string): RegExp {
  const escaped = host.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!\w)${escaped}(?::\d{1,5})?(?!\w)`, 'gi');
}
