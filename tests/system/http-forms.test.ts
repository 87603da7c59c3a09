import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { startGuarded } from './guarded-gateway.ts';
import { ask, bearer, errorCodeOf } from './wire.ts';

const body = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: 'one two' }] }));

async function send(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/v1/chat/completions',
) {
  await using guarded = await startGuarded();
  const answer = await fetch(guarded.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(guarded.mine), ...headers },
    body: bytes,
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

test.each([
  ['gzip', gzipSync(body)],
  ['X-GZIP', gzipSync(body)],
  ['br', brotliCompressSync(body)],
  ['deflate', deflateSync(body)],
  ['identity', body],
])('a body in %s is read', async (encoding, bytes) => {
  expect(await send(bytes, { 'content-encoding': encoding })).toMatchObject({
    status: 200,
    body: expect.stringContaining('one two three'),
  });
});

test.each(['zstd', 'gzip, gzip', 'nonsense'])(
  'a body in %s is refused, and told in what it may come',
  async (encoding) => {
    const answer = await send(body, { 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 415, body: expect.stringContaining('Content-Encoding: ') });
    expect(answer.headers.get('accept-encoding')).toBe('gzip, br, deflate');
  },
);

test.each([
  ['gzip', gzipSync(Buffer.alloc(512 * 1024 * 1024))],
  ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
])('a little of %s that would be much is refused before it is', async (encoding, bytes) => {
  const before = process.resourceUsage().userCPUTime;
  expect(await send(bytes, { 'content-encoding': encoding })).toMatchObject({
    status: 413,
    body: expect.stringContaining('larger than 4 MiB'),
  });
  expect(process.resourceUsage().userCPUTime - before).toBeLessThan(1_000_000);
});

test.each([
  ['what is not gzip', body],
  ['half of it', gzipSync(body).subarray(0, 40)],
])('%s is refused', async (_what, bytes) => {
  expect(await send(bytes, { 'content-encoding': 'gzip' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('the body is not gzip'),
  });
});

test.each(['/v1/chat/completions', '/v1/messages', '/v1/generations', '/trpc/estimate'])(
  'bytes that are no UTF-8 are refused by %s',
  async (path) => {
    const bytes = Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
    expect(await send(bytes, {}, path)).toMatchObject({ status: 400, body: expect.stringContaining('UTF-8') });
  },
);

test('a byte order mark before the JSON is passed over', async () => {
  expect((await send(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))).status).toBe(200);
});

test('an offer of HTTP/2 is passed over, and the request answered as any other', async () => {
  await using guarded = await startGuarded({ limits: { connectionsEach: 1 } });
  const { hostname, port, host } = new URL(guarded.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${guarded.mine}\r\n` +
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n' +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.subarray(0, 10));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(body.subarray(10));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer).toContain('one two three');
});

test('whoever offers it is asked for a key, too', async () => {
  await using guarded = await startGuarded();
  const answer = await ask(`${guarded.url}/v1/models`, { headers: { connection: 'Upgrade', upgrade: 'h2c' } });
  expect([answer.status, errorCodeOf(answer.body)]).toEqual([401, 'unauthorized']);
});
