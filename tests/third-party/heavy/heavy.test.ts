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

test('how they are driven keeps to the types of their packages', () => {
  const tsc = fileURLToPath(new URL('../../../scripts/node_modules/.bin/tsc', import.meta.url));
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  expect(execFileSync(tsc, ['-p', fileURLToPath(new URL('.', import.meta.url))], options)).toBe('');
});

test('the table of clients has each with the version that is tried', () => {
  expect(missingRows(clients)).toEqual([]);
});

test('none of them asked anybody else for anything', () => {
  expect(clients.flatMap(({ strangers }) => strangers())).toEqual([]);
});
