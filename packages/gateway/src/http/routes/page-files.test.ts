import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';

import { createEngine, scripted } from '@headway/engine';
import { expect, test } from 'vitest';

import { startGateway } from '../../start-gateway.ts';
import { cacheControlOf } from './page-files.ts';

const script = 'console.log("page");\n'.repeat(100);
const forever = 'public, max-age=31536000, immutable';

/** Starts a gateway with a page of four files. Two of them also have compressed copies. */
async function servePage() {
  const folder = await mkdtemp(join(tmpdir(), 'headway-page-'));
  await mkdir(join(folder, 'assets'));
  const file = join(folder, 'assets', 'index-DZJP2Ra8.js');
  await writeFile(join(folder, 'index.html'), '<title>Headway</title>');
  await writeFile(join(folder, 'plain.txt'), 'as it is');
  await writeFile(join(folder, 'words.txt'), script);
  await writeFile(join(folder, 'words.txt.br'), brotliCompressSync(script));
  await writeFile(join(folder, 'words.txt.gz'), gzipSync(script));
  await writeFile(file, script);
  await writeFile(`${file}.br`, brotliCompressSync(script));
  await writeFile(`${file}.gz`, gzipSync(script));
  const engine = await createEngine({
    backend: scripted({ script: { reply: 'word '.repeat(200), decodeTokensPerSecond: 10_000 } }),
  });
  const gateway = await startGateway({ engine, port: 0, page: folder });
  return {
    folder,
    /** Sends a request with these headers, and returns the bytes of the response undecoded. */
    ask: (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
      new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
        const asked = request(`${gateway.url}${path}`, { method, headers }, (answer) => {
          const { statusCode = 0, headers: received } = answer;
          buffer(answer).then((bytes) => resolve({ status: statusCode, headers: received, body: bytes }), reject);
        });
        asked.on('error', reject).end(body);
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}

test.each([
  ['assets/index-DZJP2Ra8.js', forever],
  ['assets/index-DZJP2Ra8.js.br', forever],
  ['assets/index-a_c-efg1.css.gz', forever],
  ['index.html', 'no-cache'],
  ['favicon.svg', 'no-cache'],
  ['assets/index.js', 'no-cache'],
  ['assets/my-document.txt', 'no-cache'],
  ['other/index-DZJP2Ra8.js', 'no-cache'],
])('the Cache-Control of %s is %s', (path, kept) => {
  expect(cacheControlOf(path)).toBe(kept);
});

test('a file with compressed copies is sent in an encoding that the client accepts, else uncompressed', async () => {
  await using page = await servePage();
  const path = '/assets/index-DZJP2Ra8.js';
  const best = await page.ask(path, { 'accept-encoding': 'gzip, deflate, br, zstd' });
  expect(best.headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': expect.stringMatching(/javascript; charset=utf-8$/),
    'cache-control': forever,
    vary: expect.stringMatching(/accept-encoding/i),
    'content-security-policy': expect.stringContaining("default-src 'self'"),
    'x-content-type-options': 'nosniff',
  });
  expect(brotliDecompressSync(best.body).toString()).toBe(script);
  const zipped = await page.ask(path, { 'accept-encoding': 'gzip' });
  expect(zipped.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(zipped.body).toString()).toBe(script);
  for (const encoding of ['', 'identity', 'br;q=0']) {
    const whole = await page.ask(path, { 'accept-encoding': encoding });
    expect(whole.headers).not.toHaveProperty('content-encoding');
    expect(whole.headers).toMatchObject({ vary: expect.stringMatching(/accept-encoding/i) });
    expect(whole.body.toString()).toBe(script);
  }
});

test('HEAD of a file has the headers of GET', async () => {
  await using page = await servePage();
  const path = '/assets/index-DZJP2Ra8.js';
  const accept = { 'accept-encoding': 'br' };
  const got = await page.ask(path, accept);
  const head = await page.ask(path, accept, 'HEAD');
  const counted = /^(date|x-ratelimit-.*)$/;
  const expected = Object.fromEntries(Object.entries(got.headers).filter(([name]) => !counted.test(name)));
  expect(expected).toHaveProperty('cache-control', forever);
  expect(head).toMatchObject({ status: 200, headers: expected });
  expect(Number(head.headers['content-length'])).toBe(got.body.length);
  expect(head.body).toHaveLength(0);

  const index = await page.ask('/', accept);
  expect(index).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
  expect(index.headers['content-type']).toMatch(/^text\/html/);
});

test('a file without a hash has an ETag of its content, by which browsers receive it only when it changed', async () => {
  await using page = await servePage();
  const first = await page.ask('/');
  expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', etag: expect.stringMatching(/^"[\w-]{22}"$/) });
  expect(first.headers).not.toHaveProperty('last-modified');
  const tag = String(first.headers['etag']);
  expect((await page.ask('/plain.txt')).headers['etag']).not.toBe(tag);

  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const same = await page.ask('/', { 'if-none-match': known });
    expect(same).toMatchObject({ status: 304, headers: { etag: tag, 'cache-control': 'no-cache' } });
    expect(same.headers).toMatchObject({ vary: expect.stringMatching(/accept-encoding/i) });
    expect(same.body).toHaveLength(0);
  }
  const other = await page.ask('/', { 'if-none-match': '"other"' });
  expect(other.status).toBe(200);
  expect(other.body.toString()).toBe('<title>Headway</title>');
});

test('the copies of a file in each encoding have different ETags', async () => {
  await using page = await servePage();
  const asked = ['br', 'gzip', 'identity'].map((encoding) => page.ask('/words.txt', { 'accept-encoding': encoding }));
  const tags = (await Promise.all(asked)).map(({ headers }) => headers['etag']);
  expect(tags.every((tag) => typeof tag === 'string')).toBe(true);
  expect(new Set(tags).size).toBe(3);
  const same = await page.ask('/words.txt', { 'accept-encoding': 'br', 'if-none-match': String(tags[0]) });
  expect(same.status).toBe(304);
  expect(same.headers).not.toHaveProperty('content-encoding');
});

test('HEAD of a known file is answered with 304, too', async () => {
  await using page = await servePage();
  const tag = String((await page.ask('/')).headers['etag']);
  expect(await page.ask('/', { 'if-none-match': tag }, 'HEAD')).toMatchObject({ status: 304, headers: { etag: tag } });
});

test('a file that changed since the start has no ETag', async () => {
  await using page = await servePage();
  const tag = String((await page.ask('/')).headers['etag']);
  await writeFile(join(page.folder, 'index.html'), '<title>Headway, next version</title>');
  const changed = await page.ask('/', { 'if-none-match': tag });
  expect(changed.status).toBe(200);
  expect(changed.headers).not.toHaveProperty('etag');
  expect(changed.body.toString()).toContain('next version');
});

test('hashed files have no ETag, since browsers never ask for them again', async () => {
  await using page = await servePage();
  expect((await page.ask('/assets/index-DZJP2Ra8.js')).headers).not.toHaveProperty('etag');
});

test('a file without compressed copies is sent uncompressed', async () => {
  await using page = await servePage();
  const plain = await page.ask('/plain.txt', { 'accept-encoding': 'br, gzip' });
  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect(plain.body.toString()).toBe('as it is');
});

test('API responses and streams are never compressed', async () => {
  await using page = await servePage();
  const headers = { 'accept-encoding': 'gzip, br', 'content-type': 'application/json' };
  const chat = (stream: boolean) =>
    page.ask(
      '/v1/chat/completions',
      headers,
      'POST',
      JSON.stringify({ messages: [{ role: 'user', content: 'x' }], stream }),
    );
  for (const answer of [await chat(true), await chat(false), await page.ask('/v1/models', headers)]) {
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.body.toString()).toContain('"object":');
  }
  expect((await page.ask('/nope.js', headers)).headers).not.toHaveProperty('content-encoding');
});
