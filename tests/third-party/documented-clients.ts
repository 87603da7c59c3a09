import { readFileSync } from 'node:fs';

import type { ThirdPartyClient } from './third-party-client.ts';

const page = readFileSync(new URL('../../docs/wire-formats.md', import.meta.url), 'utf8');

/** Those that the table of clients does not have with this version, as the beginning of the row that is missing. */
export function missingRows(clients: readonly ThirdPartyClient[]): string[] {
  return clients
    .map(({ name, version, surface }) => `| ${name} | ${version} | ${surface} |`)
    .filter((row) => !page.includes(`\n${row}`));
}
