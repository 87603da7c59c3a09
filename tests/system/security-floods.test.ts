import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { endless, startGuarded } from './guarded-gateway.ts';
import { ask, bearer, errorCodeOf, knock, post, Wire, type Frame } from './wire.ts';

/** The gateway's side of all connections. */
const serverSockets = new Set<Socket>();
const onSocket = (message: unknown) => {
  const { socket } = message as { socket: Socket };
  serverSockets.add(socket);
  socket.once('close', () => serverSockets.delete(socket));
};
beforeAll(() => subscribe('net.server.socket', onSocket));
afterAll(() => void unsubscribe('net.server.socket', onSocket));

const isToken = (frame: Frame) => JSON.stringify(frame.result ?? '').includes('"type":"token"');
const times = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));
const countOf = <T>(all: readonly T[], one: T) => all.filter((other) => other === one).length;

test('a key that sends too many requests is rate-limited over HTTP and sockets, and other keys are not', async () => {
  await using guarded = await startGuarded({ limits: { requests: 60 } });
  const { url, mine, theirs } = guarded;
  const answers = await Promise.all(times(100, () => ask(`${url}/v1/models`, { headers: bearer(mine) })));
  const statuses = answers.map(({ status }) => status);
  expect(countOf(statuses, 200)).toBeGreaterThanOrEqual(6);
  expect(countOf(statuses, 429)).toBeGreaterThan(0);
  expect(countOf(statuses, 200) + countOf(statuses, 429)).toBe(100);
  for (const { status, headers, body } of answers.filter((answer) => answer.status === 429)) {
    expect(headers).toMatchObject({ 'retry-after': '1', 'x-ratelimit-limit': '6', 'x-ratelimit-remaining': '0' });
    expect([status, errorCodeOf(body)]).toEqual([429, 'rate-limited']);
  }

  await using other = await Wire.open(url, { headers: bearer(theirs) });
  await using wire = await Wire.open(url, { connectionParams: { apiKey: mine } });
  const calls = times(50, () => wire.call('query', 'models'));
  const refusals = await Promise.all(calls.map((id) => wire.refusal(id)));
  expect(countOf(refusals, 'rate-limited')).toBeGreaterThan(25);
  const refused = wire.frames.find(({ error }) => error);
  expect(refused?.error).toMatchObject({
    message: expect.stringMatching(/in 1 s$/),
    data: { code: 'TOO_MANY_REQUESTS', headway: { retryable: true } },
  });
  expect(wire.socket.readyState).toBe(WebSocket.OPEN);
  expect(await other.refusal(other.call('query', 'models'))).toBeNull();
  expect((await ask(`${url}/v1/models`, { headers: bearer(theirs) })).status).toBe(200);
});

test('clients that guess keys use up the requests of their address, and of no key', async () => {
  await using guarded = await startGuarded({ limits: { requests: 60 } });
  const { url, mine } = guarded;
  const tries = times(100, (at) => ask(`${url}/v1/models`, { headers: bearer(`${mine}${at}`) }));
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(countOf(statuses, 401)).toBeGreaterThanOrEqual(6);
  expect(countOf(statuses, 429)).toBeGreaterThan(0);
  expect(countOf(statuses, 401) + countOf(statuses, 429)).toBe(100);
  const knocks = await Promise.all(times(20, () => knock(`${url}/trpc`, bearer(`${mine}x`))));
  expect(knocks.some((refusal) => /^429 .*rate-limited/.test(refusal))).toBe(true);
  expect(knocks.every((refusal) => /^(401|429) /.test(refusal))).toBe(true);
  const others = await Promise.all(times(20, () => ask(`${url}/nothing`)));
  expect(
    countOf(
      others.map(({ status }) => status),
      429,
    ),
  ).toBeGreaterThan(0);
  expect((await ask(`${url}/healthz`)).status).toBe(200);
  expect((await ask(`${url}/v1/models`, { headers: bearer(mine) })).status).toBe(200);
});

test('a flood of messages closes its own socket and no other', async () => {
  await using guarded = await startGuarded({ limits: { requests: 600 } });
  const { url, mine } = guarded;
  await using bystander = await Wire.open(url, { headers: bearer(mine) });
  bystander.call('subscription', 'generate', { prompt: endless, id: 'goes-on' });
  await bystander.find(isToken);
  for (const message of ['{"id":1,"method":"subscription.stop"}', 'PING', '{', '[]']) {
    const flood = await Wire.open(url, { headers: bearer(mine) });
    flood.socket.removeAllListeners('message');
    for (let at = 0; at < 5000; at++) flood.send(message);
    expect(await flood.closed).toEqual({ code: 1008, reason: 'rate-limited: too many messages' });
  }
  expect(bystander.socket.readyState).toBe(WebSocket.OPEN);
  expect(await bystander.answer(bystander.call('mutation', 'cancel', { id: 'goes-on' }))).toEqual({ cancelled: true });
});

test('a socket is limited to its number of subscriptions, until one stops or ends', async () => {
  await using guarded = await startGuarded({ limits: { subscriptions: 3 } });
  const { url, mine } = guarded;
  await using wire = await Wire.open(url, { headers: bearer(mine) });
  const [first = 0, ...others] = times(3, (at) =>
    wire.call('subscription', 'generate', { prompt: endless, id: `one-${at}` }),
  );
  for (const id of [first, ...others]) await wire.find((frame) => frame.id === id && isToken(frame));
  const tooMany = () => wire.refusal(wire.call('subscription', 'watch', { id: 'one-1' }));
  expect(await tooMany()).toBe('rate-limited');
  expect(await tooMany()).toBe('rate-limited');
  // Other calls do not count as subscriptions.
  expect(await wire.refusal(wire.call('query', 'status'))).toBeNull();

  wire.send({ id: first, method: 'subscription.stop' });
  await wire.find((frame) => frame.id === first && frame.result?.type === 'stopped');
  for (let round = 0; round < 5; round++) {
    const short = wire.call('subscription', 'generate', { prompt: 'short' });
    await wire.find((frame) => frame.id === short && frame.result?.type === 'stopped');
    // A refused subscription does not count.
    const refused = wire.call('subscription', 'generate', { prompt: 'x', model: 'nope' });
    expect(await wire.refusal(refused)).toBe('model-not-found');
  }
  wire.call('subscription', 'watch', { id: 'one-1' });
  expect(await tooMany()).toBe('rate-limited');
});

test('a key is limited to its number of generations over all sockets and HTTP, without effect on other keys', async () => {
  await using guarded = await startGuarded({ limits: { generations: 2 } });
  const { url, mine, theirs, engine } = guarded;
  await using one = await Wire.open(url, { headers: bearer(mine) });
  await using two = await Wire.open(url, { headers: bearer(mine) });
  for (const wire of [one, two]) {
    wire.call('subscription', 'generate', { prompt: endless });
    await wire.find(isToken);
  }
  expect(await one.refusal(one.call('subscription', 'generate', { prompt: 'third' }))).toBe('rate-limited');
  for (const [path, body] of [
    ['/v1/generations', { prompt: 'third' }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'third' }] }],
    ['/v1/responses', { input: 'third' }],
    ['/v1/messages', { messages: [{ role: 'user', content: 'third' }], max_tokens: 5 }],
  ] as const) {
    const answer = await ask(url + path, post(body, bearer(mine)));
    expect([answer.status, errorCodeOf(answer.body)]).toEqual([429, 'rate-limited']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect((await ask(`${url}/v1/generations`, post({ prompt: 'theirs' }, bearer(theirs)))).status).toBe(202);
  one.socket.close();
  two.send({ id: 1, method: 'subscription.stop' });
  await expect.poll(async () => (await engine.activity()).slots.busy).toBeLessThan(2);
  expect((await ask(`${url}/v1/generations`, post({ prompt: 'third' }, bearer(mine)))).status).toBe(202);
});

test.each([
  ['of one address', { connectionsEach: 5 }, /this address has 5 connections/],
  ['in total', { connections: 5 }, /the gateway has 5 connections open/],
])('the gateway refuses connections beyond the limit %s, until one is closed', async (_what, limits, why) => {
  await using guarded = await startGuarded({ limits });
  const { url, mine } = guarded;
  const { hostname, port } = new URL(url);
  const before = serverSockets.size;
  const silent = times(5, () => connect(Number(port), hostname));
  await expect.poll(() => serverSockets.size).toBe(before + 5);
  const answer = await ask(`${url}/v1/models`, { headers: bearer(mine) });
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '5' }, body: expect.stringMatching(why) });
  expect(await knock(`${url}/trpc`, bearer(mine))).toMatch(/^429 .*rate-limited/);
  silent[0]?.destroy();
  await expect.poll(() => serverSockets.size).toBe(before + 4);
  expect((await ask(`${url}/v1/models`, { headers: bearer(mine) })).status).toBe(200);
  for (const socket of silent) socket.destroy();
  await expect.poll(() => serverSockets.size).toBe(before);
});

test('an oversized body is refused before it is parsed', async () => {
  await using guarded = await startGuarded();
  const { url, mine } = guarded;
  const big = { prompt: 'x'.repeat(5 * 1024 * 1024) };
  const paths = ['/v1/generations', '/v1/chat/completions', '/v1/responses', '/v1/messages', '/trpc/estimate'];
  for (const path of [...paths, '/apply-template', '/tokenize', '/detokenize']) {
    const answer = await ask(url + path, post(big, bearer(mine)));
    expect([answer.status, errorCodeOf(answer.body)]).toEqual([413, 'invalid-request']);
  }
  const wire = await Wire.open(url, { headers: bearer(mine) });
  wire.call('subscription', 'generate', big);
  expect(await wire.closed).toMatchObject({ code: 1009 });
});

test('a message of 80,000 calls gets one response', async () => {
  await using guarded = await startGuarded();
  await using wire = await Wire.open(guarded.url, { headers: bearer(guarded.mine) });
  wire.send(JSON.stringify(times(80_000, (id) => ({ id, method: 'query', params: { path: 'x' } }))));
  expect((await wire.find(({ error }) => error !== undefined)).error).toMatchObject({
    message: expect.stringContaining('this message has 80000 calls, and 1000 is the limit'),
    data: { headway: { code: 'invalid-request' } },
  });
  expect(await wire.refusal(wire.call('query', 'status'))).toBeNull();
  expect(wire.frames.length).toBe(2);
});

test('a client that sends calls without reading responses is paused, and buffers less than 1 MiB', async () => {
  await using guarded = await startGuarded({ limits: { requests: 100_000_000 } });
  const { url, mine } = guarded;
  const wire = await Wire.open(url, { headers: bearer(mine) });
  const [server] = [...serverSockets].slice(-1);
  wire.socket.pause();
  const calls = 15_000;
  // Each response repeats it: 30 MB in total, more than the system buffers for a client that does not read.
  const path = 'x'.repeat(2000);
  for (let at = 0; at < calls; at++) wire.call('query', path);
  let most = 0;
  await using other = await Wire.open(url, { headers: bearer(mine) });
  for (let round = 0; round < 200; round++) {
    await other.answer(other.call('query', 'models'));
    most = Math.max(most, server?.writableLength ?? Number.NaN);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(1024 * 1024);
  wire.socket.resume();
  await wire.find(({ id }) => id === calls);
  expect(wire.frames.length).toBe(calls);
  await wire[Symbol.asyncDispose]();
});
