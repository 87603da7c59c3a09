import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { endUntakenAnswers } from './end-untaken-answers.ts';

test('an answer that is not read is held for a time, and one that is read sets no timer off', async () => {
  const big = Buffer.alloc(32 * 1024 * 1024);
  const server = createServer((request, response) => response.end(request.url === '/big' ? big : 'small'));
  endUntakenAnswers(server, 50);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = once(server, 'request');
  const deaf = connect(port, '127.0.0.1').pause();
  deaf.on('error', () => undefined);
  deaf.write('GET /big HTTP/1.1\r\nHost: x\r\n\r\n');
  const [, response] = (await asked) as [unknown, ServerResponse];
  await once(response, 'close');
  // What the system had taken is still there to read, and no more.
  const ended = once(deaf, 'close');
  deaf.resume();
  await ended;
  expect(deaf.bytesRead).toBeLessThan(big.length);
  const answer = await fetch(`http://127.0.0.1:${port}/small`);
  expect(await answer.text()).toBe('small');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
