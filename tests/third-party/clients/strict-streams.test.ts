import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { longQuestion } from './prompts.ts';
import { jsonOf, readSse } from './sse-records.ts';

let gateway: EmbeddedGateway;
beforeAll(async () => {
  gateway = await startEmbedded();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const routes: [route: string, bodyFor: (text: string) => object][] = [
  ['/chat/completions', (text) => ({ messages: [{ role: 'user', content: text }] })],
  ['/completions', (text) => ({ prompt: text })],
];

/** No header, and headers that do not opt in. */
const askNothing: [salt: string, headers: Record<string, string>][] = [
  ['no header', {}],
  ['SwiftLM’s header with 0', { 'X-SwiftLM-Prefill-Progress': '0' }],
];

describe.each(routes)('%s without opt-in', (route, bodyFor) => {
  test.each(askNothing)('by %s has data lines and heartbeats only', async (salt, headers) => {
    const response = await fetch(`${gateway.baseURL}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...bodyFor(longQuestion(salt)), stream: true, max_tokens: 20, ignore_eos: true }),
    });
    const body = await response.text();

    const lines = body.split('\n');
    expect(lines.slice(-3)).toEqual(['data: [DONE]', '', '']);
    const kinds = new Set(lines.map((line) => (line.startsWith('data: ') ? 'data' : line)));
    expect(kinds).toEqual(new Set(['data', '', ': keep-alive']));

    const records = readSse(body);
    expect(records.length).toBeGreaterThan(5);
    const fields = ['id', 'object', 'created', 'model', 'system_fingerprint', 'choices', 'timings'];
    const unknown = records
      .flatMap((record) => Object.keys(jsonOf(record) ?? {}))
      .filter((key) => !fields.includes(key));
    expect(unknown).toEqual([]);
  });
});
