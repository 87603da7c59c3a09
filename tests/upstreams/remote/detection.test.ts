import { createEngine, remote } from '@headway/engine';
import { describe, expect, it } from 'vitest';

import { startUpstream } from '../start-upstream.ts';
import { dialectNames, type UpstreamScript } from '../upstream-script.ts';
import { chat, openRemote } from './open-remote.ts';

async function dialectOf(script: UpstreamScript): Promise<string | undefined> {
  await using pair = await openRemote(script);
  const [model] = await pair.engine.models();
  return model?.remote?.upstreams[0]?.dialect;
}

describe('the kind of an upstream', () => {
  it.each(dialectNames)('is found: %s', async (dialect) => {
    expect(await dialectOf({ dialect })).toBe(dialect);
  });

  it.each(['llama-server', 'vllm', 'sglang', 'swiftlm', 'openai'] as const)(
    'is found behind a key: %s',
    async (dialect) => {
      await using pair = await openRemote({ dialect, apiKey: 'a-secret-key' }, { key: 'a-secret-key' });
      const [model] = await pair.engine.models();
      expect(model?.remote?.upstreams[0]?.dialect).toBe(dialect);
    },
  );

  it('is LM Studio also where it has only the older API, though it answers every path with 200', async () => {
    expect(await dialectOf({ dialect: 'lm-studio', lmStudio: { rest: 'v0' } })).toBe('lm-studio');
  });

  it('is found while llama-server loads, and its context once it has', async () => {
    await using pair = await openRemote({ dialect: 'llama-server', startMs: 1500, contextSize: 2048 });
    const events = await pair.ask(chat('hello'));
    expect(events.some((event) => event.type === 'prefill' && event.phase === 'loading')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
  });

  it('may be named by hand', async () => {
    await using pair = await openRemote({ dialect: 'llama-server' }, { type: 'openai' });
    await pair.ask(chat('hello'));
    const asked = await pair.upstream.request(({ path }) => path === '/v1/chat/completions');
    expect(asked.body).not.toHaveProperty('return_progress');
  });

  it('takes the model that runs where a server lists others too', async () => {
    const models = [{ id: 'other', loaded: false }, { id: 'placed' }];
    for (const dialect of ['exo', 'lm-studio'] as const) {
      await using pair = await openRemote({ dialect, models });
      await pair.ask(chat('hello'));
      const asked = await pair.upstream.request(({ method }) => method === 'POST');
      expect(asked.body).toMatchObject({ model: 'placed' });
    }
    await using pair = await openRemote({ dialect: 'mlx-lm', models });
    await pair.ask(chat('hello'));
    expect((await pair.upstream.request(({ method }) => method === 'POST')).body).toMatchObject({
      model: 'default_model',
    });
  });

  it.each([
    ['llama-server', 4096],
    ['vllm', 4096],
    ['sglang', 4096],
    ['exo', 4096],
    ['lm-studio', 4096],
    ['ollama', 4096],
    ['swiftlm', null],
    ['mlx-lm', null],
    ['openai', null],
  ] as const)('tells its context: %s %s', async (dialect, contextSize) => {
    await using pair = await openRemote({ dialect });
    expect((await pair.engine.models())[0]?.contextSize).toBe(contextSize);
  });

  it.each(['vllm', 'lm-studio'] as const)('is not guessed where no models are listed: %s', async (dialect) => {
    await using upstream = await startUpstream({ dialect }, { ownProcess: false });
    const backend = remote({ upstreams: [{ url: `${upstream.url}/elsewhere/v1` }] });
    const error = await createEngine({ backend }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'model-load-failed',
      message: expect.stringMatching(/no list of models .*; check its address$/),
    });
    expect(String(error)).not.toContain(String(upstream.port));
  });

  it('costs two requests where the first one tells it', async () => {
    await using pair = await openRemote({ dialect: 'llama-server' });
    expect((await pair.upstream.requests()).map(({ path }) => path)).toEqual(['/v1/models', '/props']);
  });
});
