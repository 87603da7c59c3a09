import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { comment, named, progressIn, returnProgress, sdkDialects, silent, swiftLm } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { curl, headerArgs, jsonArgs } from './run-curl.ts';
import { readSse } from './sse-records.ts';

const [allowed, refused] = ['https://app.example', 'https://evil.example'];

/** All headers that a page may need to send. */
const requestHeaders = [
  'authorization',
  'content-type',
  'x-api-key',
  'anthropic-version',
  'anthropic-beta',
  'last-event-id',
  'x-headway-progress',
  'x-headway-heartbeat',
  'x-headway-resume',
  'x-swiftlm-prefill-progress',
  // The openai package sends these from a page, too.
  'x-stainless-lang',
  'x-stainless-retry-count',
];

let gateway: EmbeddedGateway;
beforeAll(async () => {
  gateway = await startEmbedded({ allowOrigins: [allowed] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function preflight(origin: string, header: string, route: string) {
  const sent = { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': header };
  return curl(`${gateway.baseURL}${route}`, '-X', 'OPTIONS', ...headerArgs(sent));
}

describe('a preflight by curl', () => {
  test.each(requestHeaders)('allows the header %s to a page of an allowed origin, and to no other', async (header) => {
    const yes = await preflight(allowed, header, '/chat/completions');
    expect(yes.status).toBe(204);
    expect(yes.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(yes.headers.get('access-control-allow-methods')).toContain('POST');
    expect(yes.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(header);

    const no = await preflight(refused, header, '/chat/completions');
    expect(no.status).toBe(403);
    expect(no.headers.has('access-control-allow-origin')).toBe(false);
    expect(no.headers.has('access-control-allow-headers')).toBe(false);
  });

  test.each(['/completions', '/responses', '/messages', '/messages/count_tokens'])(
    'is answered at %s',
    async (route) => {
      const yes = await preflight(allowed, 'content-type,x-headway-progress', route);
      expect(yes.status).toBe(204);
      expect(yes.headers.get('access-control-allow-origin')).toBe(allowed);
      expect((await preflight(refused, 'content-type', route)).status).toBe(403);
    },
  );

  test('is followed by a stream whose generation id the page may read', async () => {
    const { status, headers, body } = await curl(
      `${gateway.baseURL}/chat/completions`,
      ...jsonArgs({ messages: [{ role: 'user', content: 'Hi' }], stream: true, max_tokens: 3 }, { Origin: allowed }),
    );
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(allowed);
    expect(headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-generation-id');
    expect(body).toContain('data: [DONE]');
  });

  test('that was refused is followed by 403 for the request itself', async () => {
    const { status, headers } = await curl(
      `${gateway.baseURL}/chat/completions`,
      ...jsonArgs({ messages: [{ role: 'user', content: 'Hi' }], stream: true, max_tokens: 3 }, { Origin: refused }),
    );
    expect(status).toBe(403);
    expect(headers.has('x-generation-id')).toBe(false);
  });
});

describe('curl -N', () => {
  test.each([...sdkDialects, swiftLm])('reads a whole chat in the progress dialect $name', async (dialect) => {
    const messages = [{ role: 'user', content: longQuestion(`curl in ${dialect.name}`) }];
    const { status, headers, body } = await curl(
      `${gateway.baseURL}/chat/completions`,
      ...jsonArgs({ messages, stream: true, max_tokens: 10, ignore_eos: true, ...dialect.body }, dialect.headers),
    );
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.has('content-encoding')).toBe(false);
    const records = readSse(body);
    expect(records.findLast(({ data }) => data !== null)?.data).toBe('[DONE]');
    expect(progressIn(records, dialect).length > 1).toBe(dialect !== silent);
  });

  test('reads a whole completion', async () => {
    const { status, body } = await curl(
      `${gateway.baseURL}/completions`,
      ...jsonArgs({ prompt: 'Once upon a time', stream: true, max_tokens: 10, return_progress: true }),
    );
    expect(status).toBe(200);
    const records = readSse(body);
    expect(records.at(-1)?.data).toBe('[DONE]');
    expect(progressIn(records, returnProgress).length).toBeGreaterThan(1);
  });

  test.each([...sdkDialects, swiftLm])('reads a whole response in the dialect $name', async (dialect) => {
    const input = longQuestion(`response in ${dialect.name}`);
    const { status, body } = await curl(
      `${gateway.baseURL}/responses`,
      ...jsonArgs({ input, stream: true, max_output_tokens: 10, ignore_eos: true, ...dialect.body }, dialect.headers),
    );
    expect(status).toBe(200);
    const records = readSse(body);
    expect(records.at(-1)?.event).toBe('response.incomplete');
    expect(progressIn(records, dialect).length > 1).toBe(dialect !== silent);
  });

  test.each([silent, named, comment, swiftLm])('reads a whole message in the dialect $name', async (dialect) => {
    const messages = [{ role: 'user', content: longQuestion(`message in ${dialect.name}`) }];
    const { status, body } = await curl(
      `${gateway.baseURL}/messages`,
      ...jsonArgs(
        { messages, stream: true, max_tokens: 10 },
        { 'anthropic-version': '2023-06-01', ...dialect.headers },
      ),
    );
    expect(status).toBe(200);
    const records = readSse(body);
    expect(records.findLast(({ event }) => event !== null)?.event).toBe('message_stop');
    expect(progressIn(records, dialect).length > 1).toBe(dialect !== silent);
  });

  test('fails when nothing listens', async () => {
    await expect(curl('http://127.0.0.1:1/v1/models')).rejects.toThrow('curl failed with 7');
  });
});
