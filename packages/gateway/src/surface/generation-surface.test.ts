import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';

import { anonymousCaller } from '../access/caller.ts';
import { GenerationRegistry } from '../generations/generation-registry.ts';
import { fieldNames } from './field-names.ts';
import { registerGenerationSurface, type AskedAnswer } from './generation-surface.ts';
import type { StreamDialect } from './stream/stream-dialect.ts';

/** Sends the type of each event. */
const plain: StreamDialect = {
  opening: () => [{ data: 'opening' }],
  of: (event) => (event.type === 'prefill' ? [] : [{ data: event.type }]),
  failure: ({ code, message }) => [{ data: `failure ${code}: ${message}` }],
  closing: () => [{ data: 'closing' }],
  heartbeat: () => ({ data: 'heartbeat' }),
};

const names = fieldNames({}, 'prompt');

const boom = () => {
  throw new TypeError('what users must not read');
};

async function setUp(asked: Partial<AskedAnswer>, script: ScriptedOptions['script'] = { reply: 'one two' }) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, script }), clock });
  const generations = new GenerationRegistry({ engine });
  const logged: { err?: Error }[] = [];
  const stream = { write: (line: string) => void logged.push(JSON.parse(line) as { err?: Error }) };
  const app = Fastify({ logger: { level: 'error', stream } });
  app.decorateRequest('caller', { getter: () => anonymousCaller });
  registerGenerationSurface(
    app,
    {
      url: '/ask',
      read: () => ({
        input: { prompt: 'x' },
        names,
        dialect: () => plain,
        body: (_head, { text }) => ({ text }),
        ...asked,
      }),
      cancelledBody: () => ({ cancelled: true }),
    },
    { generations, slowConsumerMs: undefined, heartbeatMs: undefined },
  );
  return {
    engine,
    generations,
    logged,
    ask: async () => {
      const response = await app.inject({ method: 'POST', url: '/ask' });
      const said = response.payload.split('\n').filter((line) => line.startsWith('data: '));
      return { response, said: said.map((line) => line.slice('data: '.length)) };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      generations.close();
      await engine.close();
    },
  };
}

const idle = async ({ engine, generations }: Awaited<ReturnType<typeof setUp>>) => {
  await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 } });
  expect(generations).toMatchObject({ viewers: 0, running: 0 });
};

describe('a stream', () => {
  test('has the opening messages, the events, and the closing messages', async () => {
    await using context = await setUp({});
    expect((await context.ask()).said).toEqual(['opening', 'token', 'token', 'done', 'closing']);
    await idle(context);
  });

  test('ends with the first choice that fails and cancels the others', async () => {
    await using context = await setUp({ input: { prompt: 'x', choices: 2 } }, ({ seed }) => ({
      fault: { phase: 'decode', afterTokens: 1, does: seed === 0 ? 'fail' : 'stall' },
    }));
    const { said } = await context.ask();
    expect(said.at(-1)).toBe('error');
    expect(said).not.toContain('closing');
    await idle(context);
  });

  test.each<[string, Partial<StreamDialect>]>([
    ['before the first event', { opening: boom }],
    ['at an event', { of: boom }],
    ['at the end', { closing: boom }],
  ])('whose dialect throws %s sends an internal error, logs the reason, and frees the slot', async (_when, faults) => {
    await using context = await setUp({ dialect: () => ({ ...plain, ...faults }) });
    const { said } = await context.ask();
    expect(said.at(-1)).toBe('failure internal: the gateway failed; its log says more');
    expect(context.logged).toEqual([expect.objectContaining({ err: expect.objectContaining({ type: 'TypeError' }) })]);
    await idle(context);
  });
});

describe('an unstreamed answer', () => {
  test('is the body that the surface makes of the result', async () => {
    await using context = await setUp({ dialect: null });
    expect((await context.ask()).response.json()).toEqual({ text: 'one two' });
    await idle(context);
  });

  test('that another viewer cancels is a 499 with the surface’s body', async () => {
    await using context = await setUp({ dialect: null }, { fault: { phase: 'decode', afterTokens: 1, does: 'stall' } });
    const asking = context.ask();
    await expect.poll(() => context.generations.running).toBe(1);
    const [one] = context.generations.list(anonymousCaller);
    expect(context.generations.cancel(one?.id ?? '', anonymousCaller)).toBe(true);
    const { response } = await asking;
    expect(response.statusCode).toBe(499);
    expect(response.json()).toEqual({ cancelled: true });
  });
});

test.each([
  ['a stream', {}, 'data: closing'],
  ['an unstreamed answer', { dialect: null }, '{"text":"one two"}'],
])('%s goes on when one choice of two is cancelled', async (_kind, asked, end) => {
  const setup = { input: { prompt: 'x', choices: 2 }, ...asked };
  await using context = await setUp(setup, ({ seed }) => ({
    reply: 'one two',
    fault: seed === 0 ? null : { phase: 'decode', afterTokens: 1, does: 'stall' },
  }));
  const asking = context.ask();
  await expect.poll(() => context.generations.list(anonymousCaller)[0]?.completionTokens).toBe(3);
  const [one] = context.generations.list(anonymousCaller);
  expect(context.generations.cancel(one?.id ?? '', anonymousCaller, 1)).toBe(true);
  const { response } = await asking;
  expect(response.payload.trim().split('\n').at(-1)).toBe(end);
  await idle(context);
});

test('a request that the engine refuses throws its error before the stream opens', async () => {
  await using context = await setUp({ input: { prompt: 'x', model: 'other' } });
  const { response } = await context.ask();
  // Fastify's own status for an error: this app has no error handler.
  expect(response.statusCode).toBe(500);
  expect(response.json()).toMatchObject({ code: 'model-not-found' });
  expect(response.headers['content-type']).toContain('application/json');
});
