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
])('a body with Content-Encoding %s is decoded', async (encoding, bytes) => {
  expect(await send(bytes, { 'content-encoding': encoding })).toMatchObject({
    status: 200,
    body: expect.stringContaining('one two three'),
  });
});

test.each(['zstd', 'gzip, gzip', 'nonsense'])(
  'a body with Content-Encoding %s is refused, and the error lists the known ones',
  async (encoding) => {
    const answer = await send(body, { 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 415, body: expect.stringContaining('Content-Encoding: ') });
    expect(answer.headers.get('accept-encoding')).toBe('gzip, br, deflate');
  },
);

test.each([
  ['gzip', gzipSync(Buffer.alloc(512 * 1024 * 1024))],
  ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
])('a small body of %s that decodes to more than 4 MiB is refused before it is decoded', async (encoding, bytes) => {
  const before = process.resourceUsage().userCPUTime;
  expect(await send(bytes, { 'content-encoding': encoding })).toMatchObject({
    status: 413,
    body: expect.stringContaining('larger than 4 MiB'),
  });
  expect(process.resourceUsage().userCPUTime - before).toBeLessThan(1_000_000);
});

test.each([
  ['a body that is not gzip', body],
  ['an incomplete gzip body', gzipSync(body).subarray(0, 40)],
])('%s is refused', async (_what, bytes) => {
  expect(await send(bytes, { 'content-encoding': 'gzip' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('the body is not gzip'),
  });
});

test.each(['/v1/chat/completions', '/v1/messages', '/v1/generations', '/trpc/estimate'])(
  '%s refuses a body that is not UTF-8',
  async (path) => {
    const bytes = Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
    expect(await send(bytes, {}, path)).toMatchObject({ status: 400, body: expect.stringContaining('UTF-8') });
  },
);

test('a byte order mark before the JSON is ignored', async () => {
  expect((await send(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))).status).toBe(200);
});

test('an upgrade to HTTP/2 is ignored, and the request answered', async () => {
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

test('a request with an upgrade to HTTP/2 needs a key', async () => {
  await using guarded = await startGuarded();
  const answer = await ask(`${guarded.url}/v1/models`, { headers: { connection: 'Upgrade', upgrade: 'h2c' } });
  expect([answer.status, errorCodeOf(answer.body)]).toEqual([401, 'unauthorized']);
});
