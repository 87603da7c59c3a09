import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { openIsolated } from '@headway/engine/testing';
import { startGateway } from '../index.ts';
import { faulty, openScriptedGateway, reading } from '../apis/openai/scripted-gateway.fixture.ts';

const heartbeatMs = 1234;

/** Heartbeats are the only intervals here, so that the fake timers count them. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const stalling = () => openScriptedGateway(faulty('decode', 'stall'), {}, { heartbeatMs });

describe('a heartbeat of a silent stream', () => {
  test('is an SSE comment', async () => {
    await using context = await stalling();
    const { until } = reading(await context.chat({ stream: true }));
    await until(/"one"/);
    vi.advanceTimersByTime(3 * heartbeatMs);
    expect(await until(/(: keep-alive\n){3}$/)).toMatch(/"one"[^\n]*\n\n(: keep-alive\n){3}$/);
  });

  test.each([
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }, 'chatcmpl-', 'chat.completion.chunk'],
    ['/v1/completions', { prompt: 'x' }, 'cmpl-', 'text_completion'],
  ])('on %s is a chunk without choices, with X-Headway-Heartbeat: data', async (path, body, prefix, object) => {
    await using context = await stalling();
    const response = await context.post(
      path,
      { ...body, stream: true },
      { headers: { 'X-Headway-Heartbeat': 'data' } },
    );
    const { until } = reading(response);
    await until(/"one"/);
    vi.advanceTimersByTime(heartbeatMs);
    const text = await until(/"choices":\[\]/);
    expect(JSON.parse(text.trimEnd().split('\n\n').at(-1)?.slice('data: '.length) ?? '')).toEqual({
      id: `${prefix}${response.headers.get('x-generation-id')}`,
      object,
      created: expect.any(Number),
      model: 'scripted',
      system_fingerprint: expect.any(String),
      choices: [],
    });
    expect(text).not.toContain('event:');
  });

  test('reaches a queued request, whose headers arrive at once', async () => {
    await using context = await openScriptedGateway(faulty('decode', 'stall'), { parallel: 1 }, { heartbeatMs });
    const first = reading(await context.chat({ stream: true }));
    await first.until(/"one"/);
    const response = await context.chat({ stream: true });
    expect(await context.engine.activity()).toMatchObject({ queued: 1 });
    expect(response.status).toBe(200);
    const { until } = reading(response);
    await until(/^: keep-alive\ndata: .*"role".*\n\n$/);
    vi.advanceTimersByTime(heartbeatMs);
    await until(/: keep-alive\n$/);
  });

  test('is refused with an unknown X-Headway-Heartbeat', async () => {
    await using context = await stalling();
    const response = await context.chat({ stream: true }, { headers: { 'X-Headway-Heartbeat': 'loud' } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringMatching(/^X-Headway-Heartbeat: must be comment or data/) },
    });
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test("reaches Headway's own event streams", async () => {
    await using context = await stalling();
    const headers = { accept: 'text/event-stream' };
    const { until } = reading(await context.post('/v1/generations', { prompt: 'x' }, { headers }));
    await until(/"one"/);
    vi.advanceTimersByTime(heartbeatMs);
    expect(await until(/: keep-alive\n$/)).toMatch(/"one".*\n\n: keep-alive\n$/);
  });
});

describe('a stream leaves no heartbeat timer', () => {
  test.each([
    ['when the engine fails during prefill', faulty('prefill', 'fail', 0), 'internal'],
    ['when the engine fails during decode', faulty('decode', 'fail'), 'internal'],
    ['when the answer is complete', { script: { reply: 'one' } }, 'DONE'],
  ])('%s', async (_when, script, end) => {
    await using context = await openScriptedGateway(script, {}, { heartbeatMs });
    const { until } = reading(await context.chat({ stream: true }));
    await until(new RegExp(end));
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(heartbeatMs);
    await expect(until(/never/)).rejects.toThrow(new RegExp(`^the stream ended after .*${end}[^:]*$`));
  });

  test('when the engine process is killed', { timeout: 60_000 }, async () => {
    await using isolated = await openIsolated();
    await using gateway = await startGateway({ engine: isolated.engine, port: 0, heartbeatMs });
    const response = await fetch(`${gateway.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'go on and on', ignore_eos: true, stream: true }),
    });
    const { until } = reading(response);
    await until(/"text"/);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    const others = vi.getTimerCount() - 1;
    process.kill(isolated.pid(), 'SIGKILL');
    await until(/"code":"engine-crashed"\}\}\n\n$/);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(others);
    vi.advanceTimersByTime(heartbeatMs);
    await expect(until(/never/)).rejects.toThrow(/engine-crashed\\"\}\}\\n\\n"$/);
  });

  test('when the client disconnects', async () => {
    await using context = await stalling();
    const hangUp = new AbortController();
    const { until } = reading(await context.chat({ stream: true }, { signal: hangUp.signal }));
    await until(/"one"/);
    expect(vi.getTimerCount()).toBe(1);
    hangUp.abort();
    await expect.poll(() => vi.getTimerCount()).toBe(0);
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

test.each([0, -1, Number.NaN, 2 ** 31])('startGateway refuses heartbeatMs %s', async (heartbeatMs) => {
  await expect(openScriptedGateway({}, {}, { heartbeatMs })).rejects.toThrow(/^heartbeatMs: /);
});
