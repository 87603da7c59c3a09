import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { createApiKey, startGateway, type GatewayOptions } from '@headway/gateway';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';
import { demoPage } from './open-demo.ts';

let browser: Browser;

beforeAll(async () => {
  // A foreign DNS name that points at this machine.
  browser = await launchBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
});

afterAll(() => browser.close());

/** Serves a foreign page on its own origin and port. */
async function startForeignPage(): Promise<{ origin: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Free cats</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://cats.example:${(server.address() as AddressInfo).port}`, server };
}

/** Starts a gateway on this machine, and opens a foreign page that knows its address. */
async function openAttack(options: Partial<GatewayOptions> & { allowed?: boolean } = {}) {
  const { allowed = false, ...gatewayOptions } = options;
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({
    backend: scripted({
      clock,
      script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
    }),
    clock,
  });
  const { origin, server } = await startForeignPage();
  const answered: string[] = [];
  const logger = pino(
    { level: 'info' },
    {
      write(line: string) {
        const { method, path, status } = JSON.parse(line) as { method?: string; path?: string; status?: number };
        if (method && path && status) answered.push(`${method} ${path} ${status}`);
      },
    },
  );
  const gateway = await startGateway({
    engine,
    port: 0,
    page: demoPage,
    logger,
    ...(allowed && { allowOrigins: [origin] }),
    ...gatewayOptions,
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  return {
    page,
    gateway,
    /** The gateway's responses, like `GET /healthz 200`. */
    answered,
    /** Running and queued generations. */
    started: async () => {
      const { slots, queued } = await engine.activity();
      return slots.busy + queued;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await gateway.close();
      await engine.close();
    },
  };
}

/** Opens a socket in a page and requests a generation. Returns what happens. */
function openSocket(page: Page, url: string, apiKey?: string): Promise<string> {
  return page.evaluate(
    ([address, key]) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${address?.replace('http', 'ws')}/trpc${key ? '?connectionParams=1' : ''}`);
        socket.onopen = () => {
          if (key) socket.send(JSON.stringify({ method: 'connectionParams', data: { apiKey: key } }));
          socket.send(
            JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input: { prompt: 'hi' } } }),
          );
        };
        socket.onmessage = ({ data }) => {
          if (!String(data).includes('"started"')) resolve(String(data));
        };
        socket.onerror = () => resolve('refused');
      }),
    [url, apiKey] as const,
  );
}

interface FetchOptions {
  method?: string;
  mode?: 'no-cors';
  headers?: Record<string, string>;
  body?: string;
}

/** What a page gets by fetch: the status, `opaque`, or that the browser or the gateway refused it. */
function fetchIn(page: Page, url: string, init: FetchOptions = {}): Promise<string> {
  return page.evaluate(
    async ([address, how]) => {
      try {
        const response = await fetch(address, how);
        return response.type === 'opaque' ? 'opaque' : `${response.status} ${await response.text()}`;
      } catch {
        return 'refused';
      }
    },
    [url, init] as const,
  );
}

const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] });

test('a foreign page cannot open a socket', async () => {
  await using attack = await openAttack();
  expect(await openSocket(attack.page, attack.gateway.url)).toBe('refused');
  expect(await attack.started()).toBe(0);
});

test('a foreign page can neither read nor start anything by fetch, with or without CORS', async () => {
  await using attack = await openAttack();
  const { page, gateway } = attack;
  for (const path of ['/v1/models', '/trpc/status', '/v1/generations', '/healthz', '/'])
    expect(await fetchIn(page, gateway.url + path)).toBe('refused');
  for (const path of ['/v1/chat/completions', '/v1/generations', '/trpc/cancel']) {
    expect(await fetchIn(page, gateway.url + path, { method: 'POST', body })).toBe('refused');
    const json = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    expect(await fetchIn(page, gateway.url + path, json)).toBe('refused');
    // In no-cors mode the browser sends the request and hides the response, so that only the gateway can refuse.
    await fetchIn(page, gateway.url + path, { method: 'POST', body, mode: 'no-cors' });
    expect(attack.answered.at(-1)).toBe(`POST ${path} 403`);
  }
  expect(attack.answered.filter((line) => !line.endsWith(' 403'))).toEqual([]);
  expect(await attack.started()).toBe(0);
});

test.each(['/v1/models', '/healthz', '/trpc/status', '/', '/favicon.svg'])(
  'it learns nothing by loading %s as an image, a script, a style or a frame',
  async (path) => {
    await using attack = await openAttack();
    const { page, gateway } = attack;
    const outcomes = await page.evaluate(
      (url) =>
        Promise.all(
          (['img', 'script', 'link'] as const).map(
            (name) =>
              new Promise<string>((resolve) => {
                const element = document.createElement(name);
                element.onload = () => resolve(`${name} loaded`);
                element.onerror = () => resolve(`${name} refused`);
                if (element instanceof HTMLLinkElement) Object.assign(element, { rel: 'stylesheet', href: url });
                else element.src = url;
                document.body.append(element);
              }),
          ),
        ),
      gateway.url + path,
    );
    expect(outcomes).toEqual(['img refused', 'script refused', 'link refused']);

    const framed = page.waitForResponse((response) => response.url() === gateway.url + path);
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
    }, gateway.url + path);
    expect((await framed).status()).toBe(403);
    // The gateway has refused, not the browser alone.
    expect(attack.answered).toEqual(Array(4).fill(`GET ${path} 403`));
  },
);

test('a form of a foreign page starts nothing', async () => {
  await using attack = await openAttack();
  const { page, gateway } = attack;
  const landed = page.waitForResponse((response) => response.url() === `${gateway.url}/v1/chat/completions`);
  await page.evaluate(
    ([url, text]) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: `${url}/v1/chat/completions`, enctype: 'text/plain' });
      const field = document.createElement('input');
      // The form's body is JSON: {"messages":…,"x":"="}
      Object.assign(field, { name: `${text?.slice(0, -1)},"x":"`, value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
    },
    [gateway.url, body] as const,
  );
  expect((await landed).status()).toBe(403);
  expect(await attack.started()).toBe(0);
});

test('the gateway refuses a foreign name that was rebound to this machine', async () => {
  await using attack = await openAttack();
  const { page, gateway } = attack;
  const rebound = `http://cats.example:${new URL(gateway.url).port}`;
  // To the browser this is the page's own origin: no CORS, no Origin on a GET, and `Sec-Fetch-Site: same-origin`.
  const landed = await page.goto(`${rebound}/`);
  expect(landed?.status()).toBe(403);
  expect(await landed?.text()).toContain('--allow-host cats.example');
  expect(await fetchIn(page, `${rebound}/v1/models`)).toMatch(/^403 .*Host: /);
  const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  expect(await fetchIn(page, `${rebound}/v1/chat/completions`, post)).toMatch(/^403 .*Host: /);
  expect(await openSocket(page, rebound)).toBe('refused');
  expect(await attack.started()).toBe(0);
});

test('a link on another site may open the page, and nothing else', async () => {
  await using attack = await openAttack();
  const { page, gateway } = attack;
  await page.setContent(`<a href="${gateway.url}/">cats</a>`);
  await page.click('a');
  await page.waitForURL(`${gateway.url}/`);
  expect(await page.title()).toContain('Headway');
  // The opened page connects to its own gateway.
  expect(await openSocket(page, gateway.url)).toContain('"prefill"');
});

test('a page of an allowed origin can call the gateway and read its errors, but needs a key', async () => {
  const apiKey = createApiKey();
  await using attack = await openAttack({ allowed: true, apiKeys: [apiKey] });
  const { page, gateway } = attack;
  expect(await fetchIn(page, `${gateway.url}/v1/models`)).toMatch(/^401 .*needs an API key/);
  expect(await openSocket(page, gateway.url)).toMatch(/"unauthorized"/);
  expect(await openSocket(page, gateway.url, createApiKey())).toMatch(/"unauthorized"/);
  expect(await attack.started()).toBe(0);

  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  expect(await fetchIn(page, `${gateway.url}/v1/models`, { headers })).toMatch(/^200 /);
  const { authorization } = headers;
  const cancel = { method: 'DELETE', headers: { authorization } };
  expect(await fetchIn(page, `${gateway.url}/v1/generations/none`, cancel)).toMatch(/^404 /);
  expect(await openSocket(page, gateway.url, apiKey)).toContain('"prefill"');
});
