import { request, type IncomingMessage } from 'node:http';

import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import type { GenerationEvent, GenerationInfo } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { createParser } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { describe, expect, test } from 'vitest';

import { startGateway, type GatewayOptions } from '../../index.ts';

interface Sent {
  id: string | undefined;
  /** The name of the SSE event; undefined for the default one. */
  event: string | undefined;
  data: GenerationEvent;
}

async function setUp(options: ScriptedOptions = {}, gatewayOptions: Partial<GatewayOptions> = {}) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, contextSize: 200_000, ...options }), clock });
  let runs = 0;
  const counting = Object.assign(Object.create(engine) as typeof engine, {
    generate: (...args: Parameters<typeof engine.generate>) => {
      runs++;
      return engine.generate(...args);
    },
    cancel: (...args: Parameters<typeof engine.cancel>) => engine.cancel(...args),
    cancelChoice: (...args: Parameters<typeof engine.cancelChoice>) => engine.cancelChoice(...args),
    models: () => engine.models(),
    activity: () => engine.activity(),
  });
  const gateway = await startGateway({ engine: counting, port: 0, ...gatewayOptions });
  const call = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}${path}`, init);
  return {
    gateway,
    engine,
    call,
    get runs() {
      return runs;
    },
    post: (body: object, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      call('/v1/generations', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...init,
      }),
    info: async (id: string) => (await (await call(`/v1/generations/${id}`)).json()) as GenerationInfo,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

const asEvents = { accept: 'text/event-stream' };
const stalling: ScriptedOptions = {
  script: { reply: 'one two three', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
};
const textOf = (sent: readonly Sent[]) => sent.flatMap(({ data }) => (data.type === 'token' ? data.text : [])).join('');

async function* sentBy(response: Response): AsyncGenerator<Sent> {
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { id, event, data } of events ?? []) yield { id, event, data: JSON.parse(data) as GenerationEvent };
}

async function allOf(response: Response): Promise<Sent[]> {
  const sent: Sent[] = [];
  for await (const one of sentBy(response)) sent.push(one);
  return sent;
}

/** The events up to the first token. The connection stays open. */
async function upToToken(response: Response): Promise<Sent[]> {
  const sent: Sent[] = [];
  const events = sentBy(response);
  while (sent.at(-1)?.data.type !== 'token') {
    const { value } = await events.next();
    if (!value) throw new Error('the stream ended before the first token');
    sent.push(value as Sent);
  }
  return sent;
}

describe('POST /v1/generations', () => {
  test('with Accept: text/event-stream answers with the events, each with its id', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const response = await context.post({ prompt: 'x', id: 'story' }, asEvents);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-generation-id': 'story',
      location: '/v1/generations/story',
    });
    const sent = await allOf(response);
    for (const { id, event, data } of sent) {
      expect(id).toBe(`story:${data.seq}`);
      expect(event).toBeUndefined();
    }
    expect(
      invariantViolations(
        sent.map(({ data }) => data),
        { merged: true },
      ),
    ).toEqual([]);
    expect(textOf(sent)).toBe('Once upon a time.');
  });

  test.each<Record<string, string>>([{}, { accept: '*/*' }, { accept: 'application/json' }])(
    'with the headers %j answers 202 and the id',
    async (headers) => {
      await using context = await setUp({ script: { reply: 'Once upon a time.' } });
      const response = await context.post({ prompt: 'x' }, headers);
      expect(response.status).toBe(202);
      const info = (await response.json()) as GenerationInfo;
      expect(info).toMatchObject({ model: 'scripted', outcome: null });
      expect(response.headers.get('location')).toBe(`/v1/generations/${info.id}`);
      await expect
        .poll(() => context.info(info.id))
        .toMatchObject({ state: 'ended', outcome: 'stop', completionTokens: 4 });
      expect(textOf(await allOf(await context.call(`/v1/generations/${info.id}/events`)))).toBe('Once upon a time.');
      expect(await (await context.call('/v1/generations')).json()).toMatchObject({ generations: [{ id: info.id }] });
    },
  );

  test.each([
    ['the header', (lastEventId: string) => [{}, { 'last-event-id': lastEventId }] as const],
    ['the field', (lastEventId: string) => [{ lastEventId }, {}] as const],
  ])('resumes after the event that %s names, and the engine runs once', async (_what, name) => {
    await using context = await setUp({ script: { reply: 'one two three four' } });
    const body = { prompt: 'x', id: 'mine' };
    const whole = await allOf(await context.post(body, asEvents));
    for (const [at, { id = '' }] of whole.slice(0, -1).entries()) {
      const [fields, headers] = name(id);
      const rest = await allOf(await context.post({ ...body, ...fields }, { ...asEvents, ...headers }));
      expect(textOf(whole.slice(0, at + 1)) + textOf(rest)).toBe('one two three four');
    }
    expect(context.runs).toBe(1);
  });

  test.each<[string, object, number, string, string, RegExp]>([
    ['an unknown field', { prompt: 'x', max_tokens: 1 }, 400, 'invalid-request', 'max_tokens', /^max_tokens: unknown/],
    ['a field out of bounds', { prompt: 'x', maxTokens: 0 }, 400, 'invalid-request', 'maxTokens', /^maxTokens: /],
    ['an unknown model', { prompt: 'x', model: 'nope' }, 404, 'model-not-found', 'model', /scripted/],
    [
      'a lastEventId of an unknown generation',
      { prompt: 'x', lastEventId: 'g:1' },
      404,
      'generation-not-found',
      'id',
      /no generation g/,
    ],
    [
      'another request with the same id',
      { prompt: 'other', id: 'taken' },
      409,
      'conflict',
      'id',
      /^id: taken belongs to another/,
    ],
  ])('refuses %s in the native error format', async (_what, body, status, code, field, message) => {
    await using context = await setUp(stalling);
    await context.post({ prompt: 'x', id: 'taken' });
    for (const headers of [{}, asEvents]) {
      const response = await context.post(body, headers);
      expect(response.status).toBe(status);
      const issue: object = expect.objectContaining({ path: [field] });
      expect(await response.json()).toEqual({
        error: { code, message: expect.stringMatching(message), retryable: false, issues: [issue] },
      });
    }
  });
});

describe('a dropped connection', () => {
  test('abandons the generation after the grace time', async () => {
    await using context = await setUp(stalling, { graceMs: 20 });
    const hangUp = new AbortController();
    const response = await context.post({ prompt: 'x', id: 'mine' }, asEvents, { signal: hangUp.signal });
    await upToToken(response);
    hangUp.abort();
    await expect.poll(() => context.info('mine')).toMatchObject({ state: 'ended', outcome: 'abandoned', viewers: 0 });
    expect((await allOf(await context.call('/v1/generations/mine/events'))).at(-1)?.data).toMatchObject({
      type: 'error',
      code: 'abandoned',
      usage: { completionTokens: 1 },
    });
  });

  test('does not end a generation that another connection watches', async () => {
    await using context = await setUp(stalling, { graceMs: 100 });
    const [first, second] = [new AbortController(), new AbortController()];
    const seen = await upToToken(await context.post({ prompt: 'x', id: 'mine' }, asEvents, { signal: first.signal }));
    const events = await context.call('/v1/generations/mine/events', {
      headers: { 'last-event-id': seen.at(-1)?.id ?? '' },
      signal: second.signal,
    });
    const rest = allOf(events);
    first.abort();
    await expect.poll(async () => (await context.info('mine')).viewers).toBe(1);
    const { cancelled } = (await (await context.call('/v1/generations/mine', { method: 'DELETE' })).json()) as {
      cancelled: boolean;
    };
    expect(cancelled).toBe(true);
    expect(await rest).toMatchObject([{ data: { type: 'done', finishReason: 'cancelled' } }]);
  });

  test('of a watcher does not end the generation', async () => {
    await using context = await setUp(stalling, { graceMs: 0 });
    await context.post({ prompt: 'x', id: 'mine' });
    const hangUp = new AbortController();
    await upToToken(await context.call('/v1/generations/mine/events', { signal: hangUp.signal }));
    hangUp.abort();
    await expect.poll(() => context.info('mine')).toMatchObject({ state: 'decode', viewers: 0 });
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
  });
});

describe('/v1/generations/{id}', () => {
  test('/events answers 204 after the last event, so that an EventSource stops reconnecting', async () => {
    await using context = await setUp({ script: { reply: 'a b' } });
    const sent = await allOf(await context.post({ prompt: 'x', id: 'mine' }, asEvents));
    const again = (lastEventId: string) =>
      context.call('/v1/generations/mine/events', { headers: { 'last-event-id': lastEventId } });
    expect((await again(sent.at(-1)?.id ?? '')).status).toBe(204);
    expect(await allOf(await again(sent.at(-2)?.id ?? ''))).toEqual(sent.slice(-1));
    expect((await allOf(await again(''))).at(-1)).toEqual(sent.at(-1));
  });

  test('DELETE cancels once; again it answers cancelled: false', async () => {
    await using context = await setUp(stalling);
    await context.post({ prompt: 'x', id: 'mine' });
    const cancel = async () => (await context.call('/v1/generations/mine', { method: 'DELETE' })).json();
    expect(await cancel()).toEqual({ cancelled: true });
    await expect.poll(() => context.info('mine')).toMatchObject({ outcome: 'cancelled' });
    expect(await cancel()).toEqual({ cancelled: false });
  });

  test('DELETE with an index cancels that choice alone', async () => {
    await using context = await setUp(stalling);
    const events = allOf(await context.post({ prompt: 'x', id: 'mine', choices: 2 }, asEvents));
    await expect.poll(() => context.info('mine')).toMatchObject({ completionTokens: 2 });
    const cancel = async (query: string) =>
      (await context.call(`/v1/generations/mine?${query}`, { method: 'DELETE' })).json();
    const refused = (message: RegExp) => ({ error: { message: expect.stringMatching(message) } });
    expect(await cancel('index=2')).toMatchObject(
      refused(/^index: there is no choice 2: the generation has 2 choices; give 0 to 1$/),
    );
    expect(await cancel('index=')).toMatchObject(refused(/^index: use a whole number from 0 on/));
    expect(await cancel('index=1&index=0')).toMatchObject(refused(/^index: /));
    expect(await cancel('choice=1')).toMatchObject(refused(/choice/));
    expect(await cancel('index=1')).toEqual({ cancelled: true });
    await expect.poll(() => cancel('index=1')).toEqual({ cancelled: false });
    expect(await context.info('mine')).toMatchObject({ state: 'decode' });
    expect(await cancel('')).toEqual({ cancelled: true });
    const ends = (await events).flatMap(({ data }) => (data.type === 'done' ? [[data.index, data.remaining]] : []));
    expect(ends).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test.each([
    ['GET', '/v1/generations/nobody', 404, /no generation nobody/],
    ['GET', '/v1/generations/nobody/events', 404, /no generation nobody/],
    ['DELETE', '/v1/generations/nobody', 404, /no generation nobody/],
    ['GET', '/v1/generations/no%20body', 400, /^id: use 1 to 64/],
    ['PUT', '/v1/generations/mine', 405, /takes GET or DELETE/],
    ['DELETE', '/v1/generations/mine/events', 405, /takes GET/],
    ['DELETE', '/v1/generations', 405, /takes GET or POST/],
  ])('%s %s answers %i', async (method, path, status, message) => {
    await using context = await setUp();
    const response = await context.call(path, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(message) } });
  });

  test('/events refuses a Last-Event-ID of another generation, or of no event', async () => {
    await using context = await setUp(stalling);
    await context.post({ prompt: 'x', id: 'mine' });
    for (const lastEventId of ['other:1', 'mine', 'mine:x', 'mine:99999']) {
      const response = await context.call('/v1/generations/mine/events', { headers: { 'last-event-id': lastEventId } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 'invalid-request', issues: [{ path: ['Last-Event-ID'] }] },
      });
    }
  });
});

test('watch over tRPC and HTTP sends the same events, and resumes after one', async () => {
  await using context = await setUp({ script: { reply: 'one two three' } });
  const whole = await allOf(await context.post({ prompt: 'x', id: 'mine' }, asEvents));
  const watch = async (lastEventId?: string) => {
    const input = encodeURIComponent(JSON.stringify({ id: 'mine' }));
    const sent = await allOfTrpc(
      await context.call(`/trpc/watch?input=${input}`, {
        headers: { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
      }),
    );
    return sent.filter(({ id }) => id !== undefined);
  };
  const watched = await watch();
  expect(textOf(watched)).toBe('one two three');
  expect(watched.at(-1)?.data).toEqual(whole.at(-1)?.data);
  expect(textOf(await watch(whole.at(-2)?.id))).toBe('');
  expect(context.runs).toBe(1);
});

/** Reads a stream of tRPC, which has events of its own whose data may be empty. */
async function allOfTrpc(response: Response): Promise<Sent[]> {
  const sent: Sent[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => sent.push({ id, event, data: JSON.parse(data || 'null') as GenerationEvent }),
  });
  parser.feed(await response.text());
  return sent;
}

test('a client that stops reading is closed with slow-consumer, and can resume', { timeout: 60_000 }, async () => {
  const reply = Array.from({ length: 60_000 }, (_, at) => `w${at}`).join(' ');
  await using context = await setUp({ script: { reply } }, { slowConsumerMs: 200 });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...asEvents };
    const call = request(`${context.gateway.url}/v1/generations`, { method: 'POST', headers }, resolve);
    call.on('error', reject);
    call.end(JSON.stringify({ prompt: 'x', id: 'mine' }));
  });
  await expect.poll(() => context.info('mine'), { timeout: 50_000 }).toMatchObject({ viewers: 0, state: 'ended' });
  const sent: Sent[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => sent.push({ id, event, data: JSON.parse(data) as GenerationEvent }),
  });
  for await (const part of response.setEncoding('utf8')) parser.feed(part as string);
  const closed = sent.pop();
  expect(closed).toMatchObject({ event: 'closed', data: { code: 'slow-consumer', retryable: true } });
  expect(textOf(sent).length).toBeLessThan(reply.length);
  const rest = await allOf(
    await context.call('/v1/generations/mine/events', { headers: { 'last-event-id': sent.at(-1)?.id ?? '' } }),
  );
  expect(textOf(sent) + textOf(rest)).toBe(reply);
  expect(rest.at(-1)?.data).toMatchObject({ type: 'done', usage: { completionTokens: 60_000 } });
  expect(context.runs).toBe(1);
});
