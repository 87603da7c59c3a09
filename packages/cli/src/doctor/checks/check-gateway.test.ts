import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createApiKey } from '@headway/gateway';
import { openScriptedGateway } from '@headway/gateway/testing';
import { checkGateway, type CheckGatewayOptions } from './check-gateway.ts';

const signal = new AbortController().signal;

function check(url: string, { apiKey, ...options }: Partial<CheckGatewayOptions> & { apiKey?: string } = {}) {
  return checkGateway({ address: { url, apiKey }, timeoutMs: 20_000, signal, ...options });
}

type Checked = Awaited<ReturnType<typeof check>>;

const problems = ({ section }: Checked) => section.findings.filter(({ state }) => state !== 'ok');

test('a healthy gateway makes only ok findings and a model to try', async () => {
  await using open = await openScriptedGateway();
  const checked = await check(open.gateway.url);
  expect(problems(checked)).toEqual([]);
  expect(checked.section.findings.map(({ what }) => what)).toEqual([
    'answers and is ready',
    'needs no key',
    expect.stringMatching(/^scripted: .*context/),
    expect.stringMatching(/^Headway \d+\.\d+\.\d+, 0 of \d slots? busy$/),
    'WebSockets come through (/trpc)',
    'accepts its own pages and refuses those of other sites',
  ]);
  expect(checked.section.facts).toMatchObject({ reached: true, ready: true, needsKey: false, socket: true });
  expect(checked.model).toBe('scripted');
});

test('the remedy for a URL where nothing listens is to start a gateway', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const checked = await check(`http://127.0.0.1:${port}`);
  expect(problems(checked)).toEqual([
    {
      state: 'failure',
      what: 'does not answer: nothing listens there',
      remedy: 'start one with headway serve, or check the URL',
    },
  ]);
  expect(checked).toMatchObject({ model: null, section: { facts: { reached: false } } });
});

describe('a key', () => {
  const key = createApiKey();

  test('that is missing is a failure', async () => {
    await using open = await openScriptedGateway({}, {}, { apiKeys: [key] });
    const checked = await check(open.gateway.url);
    expect(problems(checked)).toEqual([
      { state: 'failure', what: 'needs a key', remedy: 'give one as --api-key or HEADWAY_API_KEY' },
    ]);
    expect(checked.model).toBeNull();
  });

  test('that the gateway does not know is a failure', async () => {
    await using open = await openScriptedGateway({}, {}, { apiKeys: [key] });
    expect(problems(await check(open.gateway.url, { apiKey: createApiKey() }))).toMatchObject([
      { state: 'failure', what: 'does not take this key' },
    ]);
  });

  test('that is valid opens every route, the WebSocket included', async () => {
    await using open = await openScriptedGateway({}, {}, { apiKeys: [key] });
    const checked = await check(open.gateway.url, { apiKey: key });
    expect(problems(checked)).toEqual([]);
    expect(checked.section.findings.map(({ what }) => what)).toContain('takes the key');
    expect(checked.section.facts).toMatchObject({ needsKey: true, socket: true });
  });

  test('that the gateway does not need is reported as ignored', async () => {
    await using open = await openScriptedGateway();
    const { section } = await check(open.gateway.url, { apiKey: key });
    expect(section.findings.map(({ what }) => what)).toContain('needs no key, and ignores the given one');
  });
});

describe('pages of another origin', () => {
  const origin = 'http://app.example:5173';

  test('are accepted where --allow-origin names it', async () => {
    await using open = await openScriptedGateway({}, {}, { allowOrigins: [origin] });
    const checked = await check(open.gateway.url, { origin });
    expect(problems(checked)).toEqual([]);
    expect(checked.section.findings.map(({ what }) => what)).toContain(
      `accepts pages of ${origin}, with every header that requests progress`,
    );
  });

  test('are refused elsewhere, with the flag as the remedy', async () => {
    await using open = await openScriptedGateway();
    expect(problems(await check(open.gateway.url, { origin }))).toEqual([
      {
        state: 'failure',
        what: `refuses pages of ${origin}`,
        remedy: `start the gateway with --allow-origin ${origin}`,
      },
    ]);
  });
});

test('a gateway that is shutting down has no model to try', async () => {
  await using open = await openScriptedGateway();
  await open.gateway.drain(0);
  const checked = await check(open.gateway.url);
  expect(problems(checked)[0]).toEqual({
    state: 'failure',
    what: 'is not ready: the gateway is shutting down',
    remedy: 'start it again; its log says more',
  });
  expect(checked.model).toBeNull();
});

test('the finding for an unknown model names the gateway’s models', async () => {
  await using open = await openScriptedGateway();
  const checked = await check(open.gateway.url, { model: 'other' });
  expect(problems(checked)).toEqual([{ state: 'failure', what: 'has no model other', remedy: 'name one of scripted' }]);
  expect(checked.model).toBeNull();
});

test('the finding for a refused Host name has the flag that allows it', async () => {
  await using open = await openScriptedGateway();
  // Like a proxy that sends its own name as Host.
  const proxy = createServer((incoming, response) => {
    request(`${open.gateway.url}${incoming.url}`, { headers: { host: 'models.example' } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  try {
    const { port } = proxy.address() as AddressInfo;
    expect(problems(await check(`http://127.0.0.1:${port}`))).toEqual([
      {
        state: 'failure',
        what: 'refuses this command: Host: "models.example" is not a name of this gateway',
        remedy: 'if it should be, start it with --allow-host models.example',
      },
    ]);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('a proxy that lets no WebSocket through is a warning with the reason', async () => {
  await using open = await openScriptedGateway();
  // A server without an upgrade listener answers an upgrade like any other request.
  const proxy = createServer((incoming, response) => {
    const { 'accept-encoding': _, host: __, ...headers } = incoming.headers;
    if (headers.upgrade) return response.writeHead(403).end();
    request(`${open.gateway.url}${incoming.url}`, { headers, method: incoming.method }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  try {
    const { port } = proxy.address() as AddressInfo;
    const checked = await check(`http://127.0.0.1:${port}`);
    expect(checked.section.facts.socket).toBe(false);
    expect(problems(checked)).toContainEqual({
      state: 'warning',
      what: 'WebSockets do not come through: Unexpected server response: 403',
      remedy: 'let the proxy pass upgrades on; clients fall back to HTTP',
    });
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('a server that is not a Headway gateway makes warnings for the missing routes', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/v1/models') response.end('{"data": [{"id": "llama"}]}');
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const checked = await check(`http://127.0.0.1:${port}`);
    expect(problems(checked)).toEqual([
      {
        state: 'warning',
        what: 'answers, but /healthz says status 404',
        remedy: 'is this the URL of a Headway gateway?',
      },
      { state: 'warning', what: '/readyz says status 404' },
    ]);
    expect(checked.model).toBe('llama');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an abort ends the checks at once', async () => {
  await using open = await openScriptedGateway();
  await expect(check(open.gateway.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
});
