import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { closeUnreadResponses } from './close-unread-responses.ts';

test('closeUnreadResponses closes a finished response that the client does not read in time', async () => {
  const big = Buffer.alloc(32 * 1024 * 1024);
  const server = createServer((request, response) => response.end(request.url === '/big' ? big : 'small'));
  closeUnreadResponses(server, 50);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = once(server, 'request');
  const paused = connect(port, '127.0.0.1').pause();
  paused.on('error', () => undefined);
  paused.write('GET /big HTTP/1.1\r\nHost: x\r\n\r\n');
  const [, response] = (await asked) as [unknown, ServerResponse];
  await once(response, 'close');
  // The client still gets what the system had buffered, and no more.
  const ended = once(paused, 'close');
  paused.resume();
  await ended;
  expect(paused.bytesRead).toBeLessThan(big.length);
  const answer = await fetch(`http://127.0.0.1:${port}/small`);
  expect(await answer.text()).toBe('small');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
