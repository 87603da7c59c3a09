import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { failureOfAnswer } from './upstream-error.ts';
import { UpstreamHttp } from './upstream-http.ts';

const signal = new AbortController().signal;

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

it('goes by the status where the body of an error stalls, and closes the connection', async () => {
  let closed = () => undefined as void;
  const isClosed = new Promise<void>((resolve) => (closed = resolve));
  const url = await serve((_request, response) => {
    response.once('close', closed);
    response.writeHead(500, { 'content-type': 'application/json', 'content-length': '100' }).write('{"error":');
  });
  const http = new UpstreamHttp({ url });
  const { error } = await failureOfAnswer(await http.ask('v1/models', { signal }), http);
  expect(error).toMatchObject({ code: 'upstream-failed', message: expect.stringContaining('(HTTP 500)') });
  await isClosed;
  await http.close();
});

it('sends no key where there is none, nor an empty one', async () => {
  const url = await serve(({ headers }, response) => response.end(headers.authorization ?? 'none'));
  for (const [key, sent] of [
    [() => 'sk-1', 'Bearer sk-1'],
    [() => '', 'none'],
    [() => null, 'none'],
  ] as const) {
    const http = new UpstreamHttp({ url, key });
    expect(await (await http.ask('v1/models', { signal })).text()).toBe(sent);
    expect(http.withoutSecrets('no word changes')).toBe('no word changes');
    await http.close();
  }
});
