import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { clientGone } from './client-gone.ts';

/** A client with a pending request, and the response object for it. */
async function waitingClient() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hangUp = new AbortController();
  const request = once(server, 'request');
  const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal: hangUp.signal });
  answer.catch(() => undefined);
  const [, response] = (await request) as [unknown, ServerResponse];
  return {
    answer,
    response,
    hangUp: () => hangUp.abort(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('clientGone aborts when the client hangs up before it has the answer', async () => {
  await using client = await waitingClient();
  const gone = clientGone(client.response);
  client.response.write('a part');
  expect(gone.aborted).toBe(false);
  client.hangUp();
  await once(gone, 'abort');
});

test('clientGone is aborted at once if the client has already hung up', async () => {
  await using client = await waitingClient();
  client.hangUp();
  await once(client.response, 'close');
  expect(clientGone(client.response).aborted).toBe(true);
});

test('clientGone does not abort once the client has the answer', async () => {
  await using client = await waitingClient();
  const gone = clientGone(client.response);
  const closed = once(client.response, 'close');
  client.response.end('all of it');
  expect(await (await client.answer).text()).toBe('all of it');
  await closed;
  expect(gone.aborted).toBe(false);
});
