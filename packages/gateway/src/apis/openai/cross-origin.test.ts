import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from './scripted-gateway.fixture.ts';

const headers = [
  'X-Headway-Progress',
  'X-SwiftLM-Prefill-Progress',
  'X-Headway-Heartbeat',
  'X-Headway-Resume',
  'Authorization',
  'X-Api-Key',
  'Anthropic-Version',
  'Content-Type',
];
const allowed = 'https://app.example';

const open = () => openScriptedGateway({}, {}, { allowOrigins: [allowed] });

const messages = [{ role: 'user', content: 'x' }];

describe.each([
  ['/v1/chat/completions', { messages }, '[DONE]'],
  ['/v1/completions', { prompt: 'x' }, '[DONE]'],
  ['/v1/responses', { input: 'x' }, 'response.completed'],
  ['/v1/messages', { messages, max_tokens: 50 }, 'message_stop'],
])('a page of another origin that asks %s', (path, body, end) => {
  const preflight = (url: string, origin: string, header: string) =>
    fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': header.toLowerCase(),
      },
    });

  test.each(headers)('may send %s if its origin is allowed', async (header) => {
    await using context = await open();
    const response = await preflight(context.gateway.url, allowed, header);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(header.toLowerCase());
  });

  test.each(headers)('is refused, with %s or without it, if its origin is not allowed', async (header) => {
    await using context = await open();
    const response = await preflight(context.gateway.url, 'https://evil.example', header);
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('access-control-allow-headers')).toBeNull();
  });

  test("can read the generation's id", async () => {
    await using context = await open();
    const response = await context.post(path, { ...body, stream: true }, { headers: { origin: allowed } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('access-control-expose-headers')).toContain('X-Generation-Id');
    expect(response.headers.get('x-generation-id')).toMatch(/^\w+$/);
    expect(await response.text()).toContain(end);
  });

  test('can read the headers that say whether and when to retry', async () => {
    await using context = await open();
    const response = await context.post(path, {}, { headers: { origin: allowed } });
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(response.headers.get('access-control-expose-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['X-Should-Retry', 'Retry-After']),
    );
  });
});
