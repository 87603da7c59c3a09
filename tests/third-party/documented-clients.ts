import { readFileSync } from 'node:fs';

import type { ThirdPartyClient } from './third-party-client.ts';

const page = readFileSync(new URL('../../docs/wire-formats.md', import.meta.url), 'utf8');

/** The clients that the table lacks in this version, each as the start of its missing row. */
export function missingRows(clients: readonly ThirdPartyClient[]): string[] {
  return clients
    .map(({ name, version, surface }) => `| ${name} | ${version} | ${surface} |`)
    .filter((row) => !page.includes(`\n${row}`));
}
