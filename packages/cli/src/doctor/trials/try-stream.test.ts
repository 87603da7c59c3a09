import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '@headway/gateway/testing';
import { clientRows } from '../client-table.ts';
import { assessTrials } from '../verdicts/assess-trials.ts';
import { tryAll } from './try-all.ts';
import { tryStream, type TryStreamOptions } from './try-stream.ts';

/** A server with a listener of the test's own. */
async function openServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: TryStreamOptions = {
    address: { url, apiKey: undefined },
    model: 'm',
    surface: 'chat',
    dialect: 'silent',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  };
  return {
    url,
    attempt: (more: Partial<TryStreamOptions> = {}) => tryStream({ ...options, ...more }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const sse = { 'content-type': 'text/event-stream' };

test('the gateway streams every dialect on every surface, with the documented verdict for each kind of client', async () => {
  await using gateway = await openScriptedGateway({ script: { reply: 'one two three' } });
  const tried: string[] = [];
  const trials = await tryAll({
    address: { url: gateway.gateway.url, apiKey: undefined },
    model: 'scripted',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onTrial: (what) => tried.push(what),
  });
  expect(tried).toHaveLength(20);
  const { findings, facts } = assessTrials(trials);
  expect(findings).toEqual([
    { state: 'ok', what: '/v1 chat/completions, completions, responses, messages: all 5 dialects stream' },
  ]);
  const table = clientRows(facts.verdicts).map(({ name, cells }) => [
    name,
    ...Object.values(cells).map(({ takes }) => takes),
  ]);
  expect(table).toEqual([
    ['raw SSE readers', 'text', 'progress', 'progress', 'progress', 'progress'],
    ['OpenAI SDK, JavaScript', 'text', 'progress', 'progress', 'text', 'breaks'],
    ['OpenAI SDK, Python', 'text', 'progress', 'progress', 'text', 'breaks'],
    ['AI SDK, OpenAI', 'text', 'progress', 'progress', 'text', 'breaks'],
    ['AI SDK, Anthropic', 'text', 'breaks', 'breaks', 'text', 'breaks'],
    ['Anthropic SDK, JavaScript', 'text', 'progress', 'progress', 'text', 'progress'],
    ['Anthropic SDK, Python', 'text', 'text', 'text', 'text', 'text'],
    ["llama.cpp's clients", 'text', 'progress', 'text', 'text', 'breaks'],
    ["exo's clients", 'text', 'text', 'text', 'progress', 'text'],
    ["SwiftLM's clients", 'text', 'text', 'text', 'text', 'progress'],
  ]);
});

test('an absent surface gets one request', async () => {
  await using server = await openServer((_request, response) => response.writeHead(404).end('no such page'));
  expect(await server.attempt()).toEqual({ surface: 'chat', dialect: 'silent', outcome: 'absent' });
});

describe('a trial reports the fault of', () => {
  const answers: [string, RequestListener, string][] = [
    [
      'a refusal',
      (_request, response) => response.writeHead(429).end('{"error": {"message": "too many; wait"}}'),
      'too many; wait',
    ],
    [
      'a model that is not there',
      (_request, response) =>
        response.writeHead(404).end('{"error": {"code": "model-not-found", "message": "there is no m"}}'),
      'there is no m',
    ],
    ['a page', (_request, response) => response.end('<p>'), 'the answer is nothing instead of text/event-stream'],
    ['nothing', (_request, response) => response.writeHead(200, sse).end(), 'the stream ended without an event'],
    [
      'half a stream',
      (_request, response) => response.writeHead(200, sse).end('data: {"choices": []}\n\ndata: {"cho'),
      'no chunk carries a finish_reason',
    ],
    [
      'a connection that is cut',
      (_request, response) => {
        response.writeHead(200, sse).write('data: {"choices": []}\n\n', () => response.destroy());
      },
      'the connection was closed',
    ],
    [
      'a stream without an end',
      (_request, response) => response.writeHead(200, sse).write(': keep-alive\n\n'.repeat(10_001)),
      'the answer does not end: more than 10000 events came',
    ],
  ];

  test.each(answers)('%s', async (_name, listener, why) => {
    await using server = await openServer(listener);
    expect(await server.attempt()).toMatchObject({ outcome: 'failed', why, late: false });
  });

  test('a server that is silent until the timeout', async () => {
    await using server = await openServer((_request, response) => response.writeHead(200, sse).flushHeaders());
    expect(await server.attempt({ timeoutMs: 50 })).toMatchObject({
      outcome: 'failed',
      why: 'no answer within 0.05 s',
      late: true,
    });
  });
});

test('an abort ends a waiting trial', async () => {
  const stop = new AbortController();
  await using server = await openServer((_request, response) => {
    response.writeHead(200, sse).flushHeaders();
    stop.abort();
  });
  await expect(server.attempt({ signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

test('each surface gets the key in the header of its own clients', async () => {
  const seen: unknown[] = [];
  await using server = await openServer(({ headers }, response) => {
    seen.push([headers.authorization, headers['x-api-key'], headers['x-headway-progress']]);
    response.writeHead(404).end();
  });
  for (const surface of ['chat', 'messages'] as const) {
    await server.attempt({ surface, dialect: 'named', address: { url: server.url, apiKey: 'secret' } });
  }
  expect(seen).toEqual([
    ['Bearer secret', undefined, 'named'],
    [undefined, 'secret', 'named'],
  ]);
});
