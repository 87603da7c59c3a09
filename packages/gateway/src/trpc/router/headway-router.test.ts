import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createEngine, createVirtualClock, scripted, type Engine, type ScriptedOptions } from '@headway/engine';
import type { GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import { initTRPC, isTrackedEnvelope, type AnyTRPCRouter } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { createHeadwayRouter, startGateway, type AppRouter } from '../../index.ts';

async function fastEngine(options: ScriptedOptions = {}): Promise<Engine> {
  const clock = createVirtualClock({ auto: true });
  return createEngine({ backend: scripted({ clock, ...options }), clock, parallel: 2 });
}

/** Connects a plain tRPC client, as an application does. */
function connect<Router extends AnyTRPCRouter>(url: string) {
  const socket = createWSClient({
    url: url.replace('http', 'ws'),
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const client = createTRPCClient<Router>({ links: [wsLink<Router>({ client: socket } as never)] });
  return { client, [Symbol.asyncDispose]: () => socket.close() };
}

async function failure(promise: Promise<unknown>): Promise<TRPCClientError<AppRouter>> {
  const thrown: unknown = await promise.then(
    () => 'nothing failed',
    (error: unknown) => error,
  );
  if (!(thrown instanceof TRPCClientError)) throw new Error(`not a tRPC error: ${String(thrown)}`);
  return thrown;
}

const idle = (engine: Engine) => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
const stalling: ScriptedOptions = {
  script: { reply: 'one two three', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
};

describe('a plain @trpc/client over a WebSocket', () => {
  test('receives typed, tracked events from the first to the last', async () => {
    await using engine = await fastEngine({ script: { reply: 'Once upon a time.' } });
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);

    const events: GenerationEvent[] = [];
    for await (const { id, data } of connection.client.generate.subscribe({ prompt: 'x', id: 'mine' }, {})) {
      expectTypeOf(data).toEqualTypeOf<GenerationEvent>();
      expect(id).toBe(`mine:${data.seq}`);
      events.push(data);
    }
    expect(events[0]).toMatchObject({ type: 'prefill', id: 'mine', seq: 0 });
    expect(events.at(-1)).toMatchObject({ type: 'done', id: 'mine', finishReason: 'stop', remaining: 0 });
    expect(textOf(events)).toBe('Once upon a time.');
  });

  test('queries models and status', async () => {
    await using engine = await fastEngine();
    await using gateway = await startGateway({ engine, port: 0, version: '9.9.9' });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    expect(await connection.client.models.query()).toMatchObject([{ id: 'scripted', state: 'ready' }]);
    expect(await connection.client.status.query()).toMatchObject({
      protocol: 1,
      version: '9.9.9',
      ready: true,
      slots: { total: 2, busy: 0 },
      queued: 0,
    });
  });

  test('estimates a request, and gets the errors that generate would give', async () => {
    await using engine = await fastEngine();
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    const estimate = await connection.client.estimate.mutate({ prompt: 'one two three' });
    expect(estimate).toEqual({
      model: 'scripted',
      tokens: 3,
      cached: 0,
      queuePosition: null,
      prefillMs: null,
      timeToFirstTokenMs: null,
    });
    const refused = await failure(connection.client.estimate.mutate({ prompt: 'x', model: 'nope' }));
    expect(refused.data).toMatchObject({ headway: { code: 'model-not-found' } });
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('cancels a generation by unsubscribing; a broken connection leaves it the grace time', async () => {
    await using engine = await fastEngine(stalling);
    await using gateway = await startGateway({ engine, port: 0, graceMs: 50 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    for await (const { data } of connection.client.generate.subscribe({ prompt: 'x' }, {}))
      if (data.type === 'token') break;
    await idle(engine);

    const raw = new WebSocket(`${gateway.url.replace('http', 'ws')}/trpc`);
    await new Promise((resolve) => raw.once('open', resolve));
    const writing = new Promise((resolve) =>
      raw.on('message', (frame: Buffer) => frame.includes('"token"') && resolve(null)),
    );
    raw.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input: { prompt: 'y' } } }));
    await writing;
    expect(await engine.activity()).toMatchObject({ slots: { busy: 1 } });
    raw.terminate();
    await idle(engine);
    expect(await connection.client.generations.query()).toMatchObject([
      { state: 'ended', outcome: 'abandoned', completionTokens: 1 },
      { state: 'ended', outcome: 'cancelled', completionTokens: 1 },
    ]);
  });

  test('cancels a generation of another connection by its id', async () => {
    await using engine = await fastEngine(stalling);
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    await using other = connect<AppRouter>(`${gateway.url}/trpc`);
    const events: GenerationEvent[] = [];
    const answers: object[] = [];
    for await (const { data } of connection.client.generate.subscribe({ prompt: 'x', id: 'mine' }, {})) {
      events.push(data);
      if (data.type === 'token') answers.push(await other.client.cancel.mutate({ id: 'mine' }));
    }
    expect(answers).toEqual([{ cancelled: true }]);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'cancelled' });
    expect(await other.client.cancel.mutate({ id: 'mine' })).toEqual({ cancelled: false });
  });

  test("gets Headway's error code, the field and the remedy when a request is refused", async () => {
    await using engine = await fastEngine(stalling);
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    const refuse = async (input: object) =>
      (await failure(collect(connection.client.generate.subscribe(input as { prompt: string }, {})))).shape;

    expect(await refuse({ prompt: 'x', model: 'nope' })).toMatchObject({
      message: expect.stringMatching(/^model: .*scripted/),
      data: { code: 'NOT_FOUND', headway: { code: 'model-not-found', retryable: false } },
    });
    expect(await refuse({ prompt: 'x', temperature: 101 })).toMatchObject({
      message: expect.stringMatching(/^temperature: /),
      data: { headway: { code: 'invalid-request' } },
    });
    expect(await refuse({ prompt: 'x '.repeat(40_000) })).toMatchObject({
      message: expect.stringMatching(/40,001 tokens/),
      data: { code: 'BAD_REQUEST', headway: { code: 'context-overflow' } },
    });
    const shape = await refuse({});
    expect(shape).toMatchObject({ message: expect.stringMatching(/^prompt: is missing/) });
    expect(JSON.stringify(shape)).not.toContain('stack');

    for await (const { data } of connection.client.generate.subscribe({ prompt: 'x', id: 'taken' }, {})) {
      if (data.type !== 'token') continue;
      expect(await refuse({ prompt: 'y', id: 'taken' })).toMatchObject({
        message: expect.stringMatching(/^id: /),
        data: { code: 'CONFLICT', headway: { code: 'conflict' } },
      });
      break;
    }
    await idle(engine);
  });

  test('resumes after each broken connection, and the engine runs once', async () => {
    const reply = Array.from({ length: 300 }, (_, at) => `w${at}`).join(' ');
    await using engine = await fastEngine({ script: { reply } });
    let runs = 0;
    const generate: Engine['generate'] = (...args) => {
      runs++;
      return engine.generate(...args);
    };
    await using gateway = await startGateway({ engine: { ...bound(engine), generate }, port: 0 });
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const socket = createWSClient({
      url: `${gateway.url.replace('http', 'ws')}/trpc`,
      WebSocket: Kept as unknown as typeof globalThis.WebSocket,
      retryDelayMs: () => 0,
    });
    const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
    const events: GenerationEvent[] = [];
    await new Promise<void>((resolve, reject) => {
      client.generate.subscribe(
        { prompt: 'x' },
        {
          onData: ({ data }) => {
            events.push(data);
            if (data.type === 'token' && sockets.length < 4) sockets.at(-1)?.terminate();
          },
          onComplete: resolve,
          onError: reject,
        },
      );
    });
    expect(sockets.length).toBe(4);
    expect(runs).toBe(1);
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    expect(textOf(events)).toBe(reply);
    await idle(engine);
    await socket.close();
  });

  test('watches a generation from the start or after an event, and unsubscribing cancels nothing', async () => {
    await using engine = await fastEngine(stalling);
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    await using other = connect<AppRouter>(`${gateway.url}/trpc`);
    const own = connection.client.generate.subscribe({ prompt: 'x y z', id: 'mine' }, {})[Symbol.asyncIterator]();
    const mine: { id: string; data: GenerationEvent }[] = [];
    while (mine.at(-1)?.data.type !== 'token') mine.push((await own.next()).value as (typeof mine)[number]);

    const seen: GenerationEvent[] = [];
    for await (const { data } of other.client.watch.subscribe({ id: 'mine' }, {})) {
      seen.push(data);
      if (data.type === 'token') break;
    }
    expect(seen.map(({ type }) => type)).toEqual(['prefill', 'prefill', 'token']);
    expect(seen.at(0)).toEqual(mine.at(0)?.data);
    expect(seen.at(-1)).toEqual(mine.at(-1)?.data);
    await expect
      .poll(() => other.client.generations.query())
      .toMatchObject([{ id: 'mine', model: 'scripted', state: 'decode', viewers: 1, total: 3 }]);

    const later = collect(other.client.watch.subscribe({ id: 'mine', lastEventId: mine.at(-1)?.id ?? '' }, {}));
    expect(await other.client.cancel.mutate({ id: 'mine' })).toEqual({ cancelled: true });
    expect(await later).toMatchObject([{ data: { type: 'done', finishReason: 'cancelled' } }]);
    expect((await own.next()).value).toMatchObject({ data: { type: 'done', finishReason: 'cancelled' } });
    expect(await collect(other.client.watch.subscribe({ id: 'mine' }, {}))).toHaveLength(4);

    const missing = await failure(collect(other.client.watch.subscribe({ id: 'other' }, {})));
    expect(missing.data).toMatchObject({ code: 'NOT_FOUND', headway: { code: 'generation-not-found' } });
  });

  test('runs one generation for several requests with the same id', async () => {
    await using engine = await fastEngine({ script: { reply: 'once only' } });
    await using gateway = await startGateway({ engine, port: 0 });
    await using connection = connect<AppRouter>(`${gateway.url}/trpc`);
    const ask = () => collect(connection.client.generate.subscribe({ prompt: 'x', id: 'mine' }, {}));
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(
      invariantViolations(
        second.map(({ data }) => data),
        { merged: true },
      ),
    ).toEqual([]);
    const third = await ask();
    for (const events of [first, second, third]) {
      expect(textOf(events.map(({ data }) => data))).toBe('once only');
      expect(events.at(-1)).toEqual(first.at(-1));
    }
    expect(await connection.client.generations.query()).toHaveLength(1);
  });
});

describe("createHeadwayRouter in an application's own tRPC router", () => {
  interface Context {
    user: string;
  }
  const t = initTRPC.context<Context>().create({
    errorFormatter: ({ shape }) => ({ ...shape, data: { ...shape.data, mine: true } }),
  });
  const own = {
    hello: t.procedure.query(({ ctx }) => `hello ${ctx.user}`),
    fails: t.procedure.query((): string => {
      throw new Error('own');
    }),
  };

  async function serve(router: AnyTRPCRouter) {
    const server = createServer();
    const wss = new WebSocketServer({ server });
    applyWSSHandler({ wss, router, createContext: (): Context => ({ user: 'Ada' }) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        for (const client of wss.clients) client.terminate();
        wss.close();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test('can be nested', async () => {
    await using engine = await fastEngine({ script: { reply: 'nested' } });
    const router = t.router({ ...own, llm: createHeadwayRouter(engine) });
    await using app = await serve(router);
    await using connection = connect<typeof router>(app.url);
    expect(await connection.client.hello.query()).toBe('hello Ada');
    const events = await collect(connection.client.llm.generate.subscribe({ prompt: 'x' }, {}));
    expect(events.at(-1)?.data).toMatchObject({ type: 'done', finishReason: 'stop' });
    expect(await connection.client.llm.status.query()).toMatchObject({ protocol: 1 });
    const refused = await failure(
      collect(connection.client.llm.generate.subscribe({ prompt: 'x', model: 'nope' }, {})),
    );
    expect(refused.data).toMatchObject({ headway: { code: 'model-not-found' } });
    expect((await failure(connection.client.fails.query())).data).toMatchObject({ mine: true });
  });

  test('can be merged', async () => {
    await using engine = await fastEngine({ script: { reply: 'merged' } });
    const router = t.mergeRouters(t.router(own), createHeadwayRouter(engine));
    await using app = await serve(router);
    await using connection = connect<typeof router>(app.url);
    expect(await connection.client.hello.query()).toBe('hello Ada');
    const events = await collect(connection.client.generate.subscribe({ prompt: 'x' }, {}));
    expect(textOf(events.map(({ data }) => data))).toBe('merged');
    const refused = await failure(collect(connection.client.generate.subscribe({ prompt: 4 as never }, {})));
    expect(refused.message).toMatch(/^prompt: /);
    expect(refused.data).toMatchObject({ headway: { code: 'invalid-request' } });
    expect(JSON.stringify(refused.shape)).not.toContain('stack');
  });

  test('runs through createCaller, without a server', async () => {
    await using engine = await fastEngine({ script: { reply: 'called' } });
    const caller = createHeadwayRouter(engine).createCaller({});
    const events = await collect(await caller.generate({ prompt: 'x' }));
    const last: unknown = events.at(-1);
    expect(isTrackedEnvelope(last) && last[1]).toMatchObject({ type: 'done' });
    await expect(caller.generate({ prompt: 'x', model: 'nope' })).rejects.toThrow(/^model: /);
  });
});

function bound(engine: Engine): Engine {
  return {
    generate: engine.generate.bind(engine),
    cancel: engine.cancel.bind(engine),
    cancelChoice: engine.cancelChoice.bind(engine),
    estimate: engine.estimate.bind(engine),
    applyTemplate: engine.applyTemplate.bind(engine),
    tokenize: engine.tokenize.bind(engine),
    detokenize: engine.detokenize.bind(engine),
    models: engine.models.bind(engine),
    activity: engine.activity.bind(engine),
    ready: engine.ready.bind(engine),
    close: engine.close.bind(engine),
    [Symbol.asyncDispose]: engine.close.bind(engine),
  };
}
