import { describe, expect, test, vi } from 'vitest';

import { HeadwayError } from '../errors/headway-error.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { LiveGeneration, type LiveGenerationOptions } from './live-generation.ts';
import { collect, sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';

function live(onEvent?: LiveGenerationOptions['onEvent']) {
  const onCancel = vi.fn();
  const generation = new LiveGeneration({ id: 'g', onCancel, ...(onEvent && { onEvent }) });
  return { generation, onCancel };
}

describe('a generation', () => {
  test('can be read and awaited at the same time', async () => {
    const { generation } = live();
    const events = [
      samplePrefill(),
      sampleToken({ text: 'hm', channel: 'reasoning' }),
      sampleToken({ text: '{"a":', channel: 'tool-call' }),
      sampleToken({ text: 'Hel' }),
      sampleToken({ text: 'lo' }),
      sampleDone(),
    ];
    const [seen, result, text] = [collect(generation), generation.result(), generation.text()];
    for (const event of events) generation.push(event);
    expect(await seen).toEqual(events);
    expect(await text).toBe('Hello');
    const { finishReason, usage, timings, toolCalls } = sampleDone();
    const choice = {
      index: 0,
      text: 'Hello',
      reasoning: 'hm',
      reasoningTokens: 1,
      finishReason,
      usage,
      timings,
      toolCalls,
    };
    expect(await result).toEqual({ id: 'g', ...choice, choices: [choice] });
  });

  test('has its choices by index and the fields of the first one', async () => {
    const { generation } = live();
    generation.push(sampleToken({ index: 1, text: 'one' }));
    generation.push(sampleDone({ index: 1, remaining: 1 }));
    generation.push(sampleToken({ index: 0, text: 'zero' }));
    generation.push(sampleDone({ index: 0 }));
    const { text, choices } = await generation.result();
    expect(text).toBe('zero');
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'zero'],
      [1, 'one'],
    ]);
  });

  test('refuses to be read a second time', async () => {
    const { generation } = live();
    generation[Symbol.asyncIterator]();
    expect(() => generation[Symbol.asyncIterator]()).toThrow(HeadwayError);
    await expect(generation.forEach(() => undefined)).rejects.toThrow(HeadwayError);
  });

  test('hands each event on within its arrival, those before first, and none before forEach has returned', async () => {
    const { generation } = live();
    const events = [samplePrefill(), sampleToken({ seq: 1 }), sampleToken({ seq: 2 }), sampleDone({ seq: 3 })];
    const seen: number[] = [];
    for (const event of events.slice(0, 2)) generation.push(event);
    const reading = generation.forEach(({ seq }) => void seen.push(seq));
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual([0, 1]);
    for (const event of events.slice(2)) {
      generation.push(event);
      expect(seen.at(-1)).toBe(event.seq);
    }
    await reading;
  });

  test('is cancelled when a listener throws, and passes its error on', async () => {
    const { generation, onCancel } = live();
    const seen: string[] = [];
    const reading = generation.forEach(({ type }) => {
      seen.push(type);
      throw new Error('the listener failed');
    });
    await Promise.resolve();
    generation.push(samplePrefill());
    generation.push(sampleToken());
    await expect(reading).rejects.toThrow('the listener failed');
    expect(onCancel).toHaveBeenCalledOnce();
    expect(seen).toEqual(['prefill']);
  });

  test("passes a listener's error on when it is already over", async () => {
    const { generation, onCancel } = live();
    generation.push(sampleDone());
    const reading = generation.forEach(() => {
      throw new Error('the listener failed');
    });
    await expect(reading).rejects.toThrow('the listener failed');
    expect(onCancel).not.toHaveBeenCalled();
  });

  test("is cancelled when a listener's promise rejects, and passes its error on", async () => {
    const { generation, onCancel } = live();
    // TypeScript takes an async function where one without a result is expected.
    const failing = async ({ type }: GenerationEvent): Promise<void> => {
      await Promise.resolve();
      throw new Error(`failed at ${type}`);
    };
    const reading = generation.forEach(failing as (event: GenerationEvent) => void);
    await Promise.resolve();
    generation.push(samplePrefill());
    await expect(reading).rejects.toThrow('failed at prefill');
    expect(onCancel).toHaveBeenCalledOnce();
  });

  test('keeps its order when a listener cancels it amid unread events', async () => {
    const { generation, onCancel } = live();
    onCancel.mockImplementation(() => generation.push(sampleDone({ seq: 3, finishReason: 'cancelled' })));
    for (const event of [samplePrefill(), sampleToken({ seq: 1 }), sampleToken({ seq: 2 })]) generation.push(event);
    const seen: number[] = [];
    await generation.forEach(({ seq }) => {
      seen.push(seq);
      if (seq === 0) void generation.cancel();
    });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('ignores events after its last one', async () => {
    const { generation } = live();
    generation.push(sampleDone());
    expect(generation.over).toBe(true);
    generation.push(sampleToken({ text: 'late' }));
    generation.refuse(new HeadwayError('internal', 'late'));
    expect(await collect(generation)).toEqual([sampleDone()]);
    expect(await generation.text()).toBe('');
  });
});

describe('an error', () => {
  test('of a choice rejects the result, once all choices have ended, with the first error', async () => {
    const { generation } = live();
    generation.push(sampleError({ index: 1, remaining: 1, code: 'engine-crashed', retryable: true }));
    const settled = vi.fn();
    const result = generation.result().finally(settled);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    generation.push(sampleError({ index: 0, code: 'internal' }));
    await expect(result).rejects.toMatchObject({ name: 'HeadwayError', code: 'engine-crashed', retryable: true });
  });

  test('before the first event rejects `admitted` and is the only event', async () => {
    const { generation } = live();
    const error = new HeadwayError('queue-full', 'come back later');
    generation.refuse(error);
    await expect(generation.admitted).rejects.toBe(error);
    expect(await collect(generation)).toEqual([
      sampleError({
        id: 'g',
        seq: 0,
        code: 'queue-full',
        message: 'come back later',
        retryable: true,
        usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
      }),
    ]);
    await expect(generation.text()).rejects.toMatchObject({ code: 'queue-full' });
  });

  test('that the caller does not await causes no unhandled rejection', async () => {
    const { generation } = live();
    generation.refuse(new HeadwayError('internal', 'unheard'));
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    // Node reports unhandled rejections after an event-loop tick.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('after the first event does not reject `admitted`', async () => {
    const { generation } = live();
    generation.push(samplePrefill());
    generation.push(sampleError());
    await expect(generation.admitted).resolves.toBeUndefined();
  });
});

describe('onCancel is called', () => {
  test('once by cancel(), which waits for the end', async () => {
    const { generation, onCancel } = live();
    const order: string[] = [];
    const cancels = [generation.cancel(), generation.cancel()].map(async (cancelled) => {
      await cancelled;
      order.push('resolved');
    });
    await Promise.resolve();
    order.push('end');
    generation.push(sampleDone({ finishReason: 'cancelled' }));
    await Promise.all(cancels);
    expect(onCancel).toHaveBeenCalledOnce();
    expect(order).toEqual(['end', 'resolved', 'resolved']);
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
  });

  test('when the caller leaves the loop, and the result still resolves', async () => {
    const { generation, onCancel } = live();
    generation.push(sampleToken({ text: 'a' }));
    for await (const _event of generation) break;
    expect(onCancel).toHaveBeenCalledOnce();
    generation.push(sampleToken({ text: 'b' }));
    generation.push(sampleDone({ finishReason: 'cancelled' }));
    expect(await generation.text()).toBe('ab');
  });

  test('at the end of an `await using` block', async () => {
    const { generation, onCancel } = live();
    onCancel.mockImplementation(() => generation.push(sampleDone({ finishReason: 'cancelled' })));
    {
      await using _generation = generation;
    }
    expect(onCancel).toHaveBeenCalledOnce();
  });

  test('never after the generation has ended', async () => {
    const { generation, onCancel } = live();
    generation.push(sampleDone());
    await generation.cancel();
    await generation[Symbol.asyncDispose]();
    await generation[Symbol.asyncIterator]().return?.();
    expect(onCancel).not.toHaveBeenCalled();
  });
});

test('a hook’s rejected promise rejects only the result, and nothing if the caller does not await it', async () => {
  const unhandled = vi.fn();
  process.once('unhandledRejection', unhandled);
  const [asked, unasked] = [0, 1].map(() => {
    const { generation } = live(async ({ type }) => {
      await Promise.resolve();
      if (type === 'done') throw new Error('late');
    });
    generation.push(samplePrefill());
    generation.push(sampleDone());
    return generation;
  });
  await expect(asked?.result()).rejects.toThrow('late');
  expect(unasked?.over).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('a hook gets every event before the reader does, and its error rejects only the result', async () => {
  const seen: string[] = [];
  const { generation } = live((event) => {
    seen.push(event.type);
    throw new Error('mine');
  });
  generation.push(samplePrefill());
  generation.push(sampleDone());
  expect(seen).toEqual(['prefill', 'done']);
  expect(await collect(generation)).toHaveLength(2);
  await expect(generation.result()).rejects.toThrow('mine');
});
