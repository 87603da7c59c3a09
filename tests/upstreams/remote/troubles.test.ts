import { createEngine, remote } from '@headway/engine';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { expect, it } from 'vitest';

import { startUpstream } from '../start-upstream.ts';
import type { UpstreamScript } from '../upstream-script.ts';
import { chat } from './open-remote.ts';

const inProcess = { ownProcess: false };

/** An engine over two servers, the first of them in trouble. */
async function openPair(troubled: UpstreamScript, well: UpstreamScript = { dialect: 'openai' }) {
  const [one, other] = [await startUpstream(troubled, inProcess), await startUpstream(well, inProcess)];
  const upstreams = [{ url: one.url }, { url: other.url }] as const;
  const engine = await createEngine({ backend: remote({ upstreams, silenceMs: 200 }) });
  return {
    one,
    other,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
    },
  };
}

it.each([401, 403, 404, 500, 503] as const)(
  'a request that one server refuses with %i goes to the other',
  async (status) => {
    await using pair = await openPair({ dialect: 'openai', faults: [{ does: 'refuse', status }] });
    for (let at = 0; at < 8; at++) {
      const events = await collect(pair.engine.generate(chat(`hello ${at}`)));
      expect(invariantViolations(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
    }
  },
);

it('a server that loads its model gives way to one that is ready', async () => {
  await using pair = await openPair({ dialect: 'llama-server', startMs: 600_000 }, { dialect: 'llama-server' });
  const all = await Promise.all([1, 2, 3, 4].map((at) => pair.engine.generate(chat(`hello ${at}`)).result()));
  expect(all.every(({ finishReason }) => finishReason === 'stop')).toBe(true);
});

it('a server that loads its model is described once it is ready, though it never was idle', async () => {
  await using upstream = await startUpstream({ dialect: 'llama-server', startMs: 1000 }, inProcess);
  await using engine = await createEngine({ backend: remote({ upstreams: [{ url: upstream.url }] }) });
  const events = await collect(engine.generate(chat('hello')));
  expect(invariantViolations(events)).toEqual([]);
  expect(events[0]).toMatchObject({ phase: 'loading' });
  expect(events.at(-1)).toMatchObject({ type: 'done' });
  const end = performance.now() + 10_000;
  let contextSize: number | null = null;
  while (contextSize === null && performance.now() < end) {
    await engine.generate(chat('again')).result();
    contextSize = (await engine.models())[0]?.contextSize ?? null;
  }
  expect(contextSize).toBe(4096);
});

it('asks for the model whose id it has itself, before the first one that the server lists', async () => {
  await using upstream = await startUpstream(
    { dialect: 'openai', models: [{ id: 'other' }, { id: 'llama3' }] },
    inProcess,
  );
  await using engine = await createEngine({
    backend: remote({ modelId: 'llama3', upstreams: [{ url: upstream.url }] }),
  });
  await engine.generate(chat('hello')).result();
  const asked = (await upstream.requests()).find(({ path }) => path === '/v1/chat/completions');
  expect(asked?.body).toMatchObject({ model: 'llama3' });
});

it.each([
  ['an answer that stops in the middle', { does: 'stall', at: { tokens: 2 } }],
  ['a last line without an end', { does: 'no-finish' }],
] as const)('%s ends in an error, not never', async (_name, fault) => {
  await using upstream = await startUpstream({ dialect: 'openai', faults: [fault] }, inProcess);
  await using engine = await createEngine({ backend: remote({ upstreams: [{ url: upstream.url }], silenceMs: 100 }) });
  const events = await collect(engine.generate(chat('hello')));
  expect(invariantViolations(events)).toEqual([]);
  expect(events.at(-1)).toMatchObject({ type: 'error', code: 'upstream-failed' });
  expect(events.some(({ type }) => type === 'token')).toBe(true);
});

it('refuses more choices than one server takes, by the field', async () => {
  await using pair = await openPair({ dialect: 'openai' });
  await expect(pair.engine.generate(chat('hello', { choices: 6 })).result()).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(/^choices: 6 are more .*; ask for at most 4$/),
  });
});

it('starts with the server that answers, while another one is not there', async () => {
  await using upstream = await startUpstream({ dialect: 'openai' }, inProcess);
  const upstreams = [{ url: 'http://127.0.0.1:9/v1' }, { url: upstream.url }] as const;
  await using engine = await createEngine({ backend: remote({ upstreams }) });
  const all = await Promise.all([1, 2, 3].map((at) => engine.generate(chat(`hello ${at}`)).result()));
  expect(all.every(({ finishReason }) => finishReason === 'stop')).toBe(true);
  expect((await engine.models())[0]?.remote?.upstreams).toMatchObject([{ state: 'down' }, { state: 'up' }]);
});
