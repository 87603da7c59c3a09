import { createClient, type Generation, type GenerationEvent } from '@headway/client';
import { describe, expect, it, vi } from 'vitest';

import { isAlive, startServe } from './serve-process.ts';

// Each test starts a gateway, whose engine loads and measures, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

type Serve = Awaited<ReturnType<typeof startServe>>;

const story = { prompt: 'Once upon a time', ignoreEos: true };

/** Resolves once the generation decodes. */
async function writing(generation: Generation): Promise<AsyncIterator<GenerationEvent, undefined>> {
  const events = generation[Symbol.asyncIterator]();
  for (;;) {
    const { value } = await events.next();
    if (!value || value.type === 'token') return events;
  }
}

async function lastOf(events: AsyncIterator<GenerationEvent, undefined>): Promise<GenerationEvent | undefined> {
  let last: GenerationEvent | undefined;
  for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
  return last;
}

/** Expects that it exited with 0, and its engine with it. */
async function expectGone({ exited }: Serve, engines: readonly number[]): Promise<void> {
  expect(await exited).toEqual([0, null]);
  expect(engines).toHaveLength(1);
  expect(engines.filter(isAlive)).toEqual([]);
}

describe('headway serve, on a signal,', () => {
  it.each([
    ['SIGTERM', (serve: Serve) => serve.kill('SIGTERM')],
    ['Ctrl-C, which its engine gets too', (serve: Serve) => serve.killGroup('SIGINT')],
  ])('finishes running and queued requests, and refuses new ones: %s', async (_what, signal) => {
    await using serve = await startServe('--parallel', '1', '--ctx', '4096', '--drain', '600');
    const engines = serve.enginePids();
    await using client = createClient({ url: serve.url });
    const running = client.generate({ ...story, maxTokens: 2000 });
    const events = await writing(running);
    const waiting = client.generate({ ...story, maxTokens: 20 });
    await waiting.admitted;
    signal(serve);
    const readyz = async () => (await fetch(`${serve.url}/readyz`)).text();
    await expect.poll(readyz, { interval: 5, timeout: 10_000 }).toMatch(/"ready":false,.*shutting down/);
    const late = client.generate({ prompt: 'too late' });
    await expect(late.admitted).rejects.toMatchObject({ code: 'shutting-down', retryable: true });
    expect(await lastOf(events)).toMatchObject({ finishReason: 'length', usage: { completionTokens: 2000 } });
    expect(await waiting.result()).toMatchObject({ finishReason: 'length', usage: { completionTokens: 20 } });
    await expectGone(serve, engines);
    expect(serve.output.stderr).toBe('finishing 2 running (600 s at most); a second signal ends at once\n');
  });

  it('ends generations with an error that the drain time is too short for', async () => {
    await using serve = await startServe('--drain', '1');
    const engines = serve.enginePids();
    await using client = createClient({ url: serve.url });
    const events = await writing(client.generate(story));
    serve.kill('SIGTERM');
    expect(await lastOf(events)).toMatchObject({ type: 'error', code: 'shutting-down', retryable: true, remaining: 0 });
    await expectGone(serve, engines);
  });

  it('exits at once on a second signal, and its engine with it', async () => {
    await using serve = await startServe();
    const [engine = 0] = serve.enginePids();
    await using client = createClient({ url: serve.url, reconnectTimeoutMs: 1 });
    await writing(client.generate(story));
    serve.kill('SIGTERM');
    await expect.poll(() => serve.output.stderr).toContain('a second signal ends at once');
    // Two signals in quick succession count as one.
    const again = setInterval(() => serve.kill('SIGTERM'), 50);
    expect(await serve.exited).toEqual([143, null]);
    clearInterval(again);
    await expect.poll(() => isAlive(engine), { timeout: 10_000 }).toBe(false);
  });

  it('exits with 0, and leaves no process, when its engine hangs', async () => {
    await using serve = await startServe('--drain', '0');
    const engines = serve.enginePids();
    await using client = createClient({ url: serve.url });
    const events = await writing(client.generate(story));
    for (const engine of engines) process.kill(engine, 'SIGSTOP');
    serve.kill('SIGTERM');
    expect(await lastOf(events)).toMatchObject({ type: 'error', code: 'shutting-down' });
    await expectGone(serve, engines);
  });
});

it('the engine process exits when its gateway is killed', async () => {
  await using serve = await startServe();
  const [engine = 0] = serve.enginePids();
  await using client = createClient({ url: serve.url, reconnectTimeoutMs: 1 });
  await writing(client.generate(story));
  serve.kill('SIGKILL');
  await serve.exited;
  await expect.poll(() => isAlive(engine), { timeout: 10_000 }).toBe(false);
});
