import { collect, invariantViolations } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { describeBackend } from '../../backend/backend-contract.suite.ts';
import { createEngine } from '../../create-engine.ts';
import { scripted } from './scripted.ts';
import { createVirtualClock } from './virtual-clock.ts';

describeBackend('scripted', {
  open: () => {
    const clock = createVirtualClock({ auto: true });
    return createEngine({ backend: scripted({ clock, contextSize: 8192 }), clock, parallel: 2 });
  },
  text: (tokens, seed) => Array.from({ length: tokens }, (_, at) => `w${seed}.${at}`).join(' '),
});

describe('a script', () => {
  it('fails in the phase and after the tokens that its fault names', async () => {
    const clock = createVirtualClock({ auto: true });
    const fault = { phase: 'decode', afterTokens: 2, does: 'fail' } as const;
    await using engine = await createEngine({
      backend: scripted({ clock, script: { reply: 'a b c d', fault } }),
      clock,
    });
    const generation = engine.generate({ prompt: 'one two' });
    await expect(generation.result()).rejects.toMatchObject({
      code: 'internal',
      message: 'the script failed in decode',
    });
    const events = await collect(generation);
    expect(events.at(-1)).toMatchObject({ type: 'error', usage: { promptTokens: 2, completionTokens: 2 } });
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it('stalls in prefill until the caller cancels', async () => {
    const clock = createVirtualClock({ auto: true });
    const fault = { phase: 'prefill', afterTokens: 100, does: 'stall' } as const;
    await using engine = await createEngine({ backend: scripted({ clock, script: { fault } }), clock });
    const generation = engine.generate({ prompt: 'w '.repeat(1000) });
    for await (const event of generation) {
      if (event.type === 'prefill' && (event.processed ?? 0) > 0) void generation.cancel();
    }
    await expect(generation.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
    expect(clock.sleepers).toBe(0);
  });

  it('returns the complete tool calls when maxTokens cuts a later one', async () => {
    const clock = createVirtualClock({ auto: true });
    const toolCalls = [
      { name: 'look', arguments: '{"for": "a"}' },
      { name: 'look', arguments: '{"for": "b"}' },
    ];
    await using engine = await createEngine({
      backend: scripted({ clock, script: { reply: 'one two', toolCalls } }),
      clock,
    });
    const calls = async (maxTokens: number) => {
      const messages = [{ role: 'user' as const, content: 'x' }];
      const result = await engine.generate({ messages, tools: [{ name: 'look' }], maxTokens }).result();
      return [result.finishReason, ...result.toolCalls.map((call) => call.arguments)];
    };
    expect(await calls(3)).toEqual(['length']);
    expect(await calls(5)).toEqual(['length', '{"for": "a"}']);
    expect(await calls(7)).toEqual(['tool-calls', '{"for": "a"}', '{"for": "b"}']);
  });

  it('prefills and decodes at the speeds it sets', async () => {
    const clock = createVirtualClock({ auto: true });
    const script = { reply: 'a b c d e f g h i j', prefillTokensPerSecond: 1000, decodeTokensPerSecond: 10 };
    await using engine = await createEngine({ backend: scripted({ clock, script }), clock });
    const { timings } = await engine.generate({ prompt: 'w '.repeat(1001).trim() }).result();
    expect(timings.prefillMs).toBeCloseTo(1000, 5);
    expect(timings.decodeMs).toBeCloseTo(1000, 5);
    expect(timings.timeToFirstTokenMs).toBeCloseTo(1100, 5);
    expect(timings.decodeTokensPerSecond).toBeCloseTo(10, 5);
  });

  it('reports how much of the model is loaded, as often as the request wants', async () => {
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({ backend: scripted({ clock, loadMs: 5000 }), clock, lazy: true });
    const sharesOf = async (progressIntervalMs: number) => {
      const events = await collect(engine.generate({ prompt: 'hello', progressIntervalMs }));
      expect(invariantViolations(events)).toEqual([]);
      return events
        .map((event) => event.type === 'prefill' && event.phase === 'loading' && event.loaded)
        .filter(Boolean);
    };
    const [all, some] = await Promise.all([sharesOf(0), sharesOf(2000)]);
    expect(all).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(some).toEqual([0.4, 0.8, 1]);
  });

  it('reports loading and then runs; a model that fails to load rejects with model-load-failed', async () => {
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({
      backend: [
        scripted({ clock, loadMs: 5000 }),
        scripted({ clock, modelId: 'broken', loadMs: 10, loadError: 'no such file' }),
      ],
      clock,
      lazy: true,
    });
    const events = await collect(engine.generate({ prompt: 'hello' }));
    expect(events[0]).toMatchObject({ type: 'prefill', id: expect.any(String), phase: 'loading', total: null });
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    await expect(engine.ready()).rejects.toMatchObject({ code: 'model-load-failed', message: 'no such file' });
    await expect(engine.generate({ prompt: 'x', model: 'broken' }).admitted).rejects.toMatchObject({
      code: 'model-load-failed',
    });
    expect(await engine.models()).toMatchObject([
      { state: 'ready' },
      { id: 'broken', state: 'failed', error: 'no such file' },
    ]);
  });
});
