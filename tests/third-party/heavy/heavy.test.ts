import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeClient } from '../client-suite.ts';
import { missingRows } from '../documented-clients.ts';
import { startRecorded, type RecordedGateway } from '../recorded-gateway.ts';
import { openHosted } from './hosted-client.ts';

const clients = await Promise.all(['mastra', 'llama-index', 'instructor'].map(openHosted));

let gateway: RecordedGateway;
beforeAll(async () => {
  gateway = await startRecorded();
});
afterAll(async () => {
  for (const client of clients) await client[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

for (const client of clients) describeClient(client, () => gateway);

test('the drivers of the clients type-check against their packages', () => {
  const tsc = fileURLToPath(new URL('../../../scripts/node_modules/.bin/tsc', import.meta.url));
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  expect(execFileSync(tsc, ['-p', fileURLToPath(new URL('.', import.meta.url))], options)).toBe('');
});

test('the documented table of clients has each client with its tested version', () => {
  expect(missingRows(clients)).toEqual([]);
});

test('no client connected to another host', () => {
  expect(clients.flatMap(({ outboundHosts }) => outboundHosts())).toEqual([]);
});
