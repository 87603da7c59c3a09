import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { LiveGeneration } from '../generation/live-generation.ts';
import { HeadwayError } from '../errors/headway-error.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { collect, invariantViolations, sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import type { SummaryEvent } from './summary-event.ts';
import { withSummaries, type WithSummariesOptions } from './summarised-generation.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(options: WithSummariesOptions = { choices: 2 }) {
  const onCancel = vi.fn();
  const live = new LiveGeneration({ id: 'g', onCancel });
  return { live, onCancel, generation: withSummaries(live, options) };
}

const read = samplePrefill({ id: 'g', processed: 10 });
const token = (index: number, completionTokens: number) =>
  sampleToken({ index, completionTokens, tokensPerSecond: 40 });
const firstDone = sampleDone({ index: 0, remaining: 1 });
const lastDone = sampleDone({ index: 1 });

type Seen = GenerationEvent | SummaryEvent;

/** One character for each event: s is a summary. */
const letters = (events: readonly Seen[]) => events.map(({ type }) => type[0]).join('');

type Reader = (generation: ReturnType<typeof withSummaries>, onEvent: (event: Seen) => void) => Promise<unknown>;

const readers: [name: string, read: Reader][] = [
  ['the loop', collect],
  ['forEach', (generation, onEvent) => generation.forEach(onEvent)],
];

describe.each(readers)('summaries in %s', (_name, readAll) => {
  const start = async (options?: WithSummariesOptions) => {
    const seen: Seen[] = [];
    const times: number[] = [];
    const opened = open(options);
    const reading = readAll(opened.generation, (event) => {
      seen.push(event);
      times.push(performance.now());
    });
    await vi.advanceTimersByTimeAsync(0);
    return { ...opened, seen, times, reading };
  };

  test('start after the first event and end before the last one', async () => {
    const { live, seen, reading } = await start();
    for (const event of [read, token(0, 1), token(1, 1), firstDone, lastDone]) live.push(event);
    await reading;
    expect(letters(seen)).toBe('psttdsd');
    expect(seen.at(-2)).toMatchObject({ answers: [{ state: 'done' }, { state: 'done' }] });
    expect(seen.at(-1)).toEqual(lastDone);
  });

  test('come at most every 200 ms while tokens come, and count the tokens before them', async () => {
    const { live, seen, times } = await start();
    live.push(read);
    for (let n = 1; n <= 100; n++) {
      await vi.advanceTimersByTimeAsync(10);
      live.push(token(0, n));
    }
    await vi.advanceTimersByTimeAsync(0);
    const told = seen.flatMap((event, at) => (event.type === 'summary' ? { event, at } : []));
    expect(told).toHaveLength(6);
    for (const { event, at } of told) {
      const before = seen.slice(0, at).filter(({ type }) => type === 'token').length;
      expect(event.answers[0]?.completionTokens).toBe(before);
    }
    const gaps = told.slice(1).map(({ at }, n) => (times[at] ?? 0) - (times[told[n]?.at ?? 0] ?? 0));
    expect(Math.min(...gaps)).toBe(200);
  });

  test('come every `everyMs` instead', async () => {
    const { live, seen } = await start({ everyMs: 500 });
    live.push(read);
    for (let n = 1; n <= 100; n++) {
      await vi.advanceTimersByTimeAsync(10);
      live.push(token(0, n));
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.filter(({ type }) => type === 'summary')).toHaveLength(3);
  });

  test('tell the last change after 200 ms when events stop, and once that no rate is true any more', async () => {
    const { live, seen } = await start();
    live.push(read);
    live.push(token(0, 1));
    await vi.advanceTimersByTimeAsync(199);
    expect(letters(seen)).toBe('pst');
    await vi.advanceTimersByTimeAsync(1);
    expect(letters(seen)).toBe('psts');
    expect(seen.at(-1)).toMatchObject({ tokensPerSecond: 40 });
    await vi.advanceTimersByTimeAsync(1799);
    expect(letters(seen)).toBe('psts');
    await vi.advanceTimersByTimeAsync(1);
    expect(letters(seen)).toBe('pstss');
    expect(seen.at(-1)).toMatchObject({ tokensPerSecond: null });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(letters(seen)).toBe('pstss');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('tell a change after 200 ms, also when a later summary was being waited for', async () => {
    const { live, seen } = await start();
    live.push(read);
    live.push(token(0, 1));
    await vi.advanceTimersByTimeAsync(250);
    expect(letters(seen)).toBe('psts');
    live.push(token(0, 2));
    await vi.advanceTimersByTimeAsync(149);
    expect(letters(seen)).toBe('pstst');
    await vi.advanceTimersByTimeAsync(1);
    expect(letters(seen)).toBe('pststs');
  });

  test('go on for the others when one choice fails', async () => {
    const { live, seen, reading } = await start();
    live.push(read);
    live.push(sampleError({ index: 0, code: 'engine-crashed', remaining: 1 }));
    await vi.advanceTimersByTimeAsync(200);
    live.push(token(1, 1));
    await vi.advanceTimersByTimeAsync(200);
    live.push(lastDone);
    await reading;
    const told = seen
      .filter((event) => event.type === 'summary')
      .map(({ answers }) => answers.map(({ state }) => state));
    expect(told).toEqual([
      ['prefill', 'prefill'],
      ['error', 'prefill'],
      ['error', 'decode'],
      ['error', 'done'],
    ]);
  });

  test('are not among the events: those stay as the engine numbered them', async () => {
    const { live, seen, reading } = await start({});
    const events = [
      { ...read, seq: 0, processed: 0 },
      { ...read, seq: 1, id: undefined },
      { ...token(0, 1), seq: 2 },
      sampleDone({ seq: 3, id: 'g' }),
    ];
    for (const event of events) live.push(event);
    await reading;
    const own = seen.filter((event) => event.type !== 'summary');
    expect(own).toEqual(events);
    expect(invariantViolations(own)).toEqual([]);
    for (const summary of seen.filter(({ type }) => type === 'summary')) expect(summary).not.toHaveProperty('seq');
  });

  test('of a refused request are one, with the error of each choice', async () => {
    const { live, seen, reading } = await start();
    live.refuse(new HeadwayError('queue-full', 'too many'));
    await reading;
    expect(letters(seen)).toBe('se');
    expect(seen[0]).toMatchObject({ answers: [{ outcome: 'queue-full' }, { outcome: 'queue-full' }] });
  });

  test('leave no timer after the end, also while one waited', async () => {
    const { live, reading } = await start();
    live.push(read);
    live.push(token(0, 1));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    live.push(firstDone);
    live.push(lastDone);
    await reading;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leave no timer after a cancel, whose end they tell', async () => {
    const { live, generation, onCancel, seen, reading } = await start({});
    live.push(read);
    live.push(token(0, 1));
    await vi.advanceTimersByTimeAsync(1);
    const cancelling = generation.cancel();
    expect(onCancel).toHaveBeenCalledOnce();
    live.push(sampleDone({ finishReason: 'cancelled' }));
    await cancelling;
    await reading;
    expect(seen.at(-2)).toMatchObject({ type: 'summary', answers: [{ state: 'done', outcome: 'cancelled' }] });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the loop', () => {
  test('left at an event cancels and leaves no timer', async () => {
    const { live, generation, onCancel } = open();
    live.push(read);
    live.push(token(0, 1));
    for await (const event of generation) if (event.type === 'token') break;
    expect(onCancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('left at a summary cancels and leaves no timer', async () => {
    const { live, generation, onCancel } = open();
    live.push(read);
    for await (const event of generation) if (event.type === 'summary') break;
    expect(onCancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends at once when it is left while it waits', async () => {
    const { live, generation, onCancel } = open();
    live.push(read);
    live.push(token(0, 1));
    const reading = generation[Symbol.asyncIterator]();
    for (let n = 0; n < 3; n++) await reading.next();
    const waiting = [reading.next(), reading.next()];
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    await reading.return?.();
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(onCancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });

  test('gives a slow reader no summary older than the events that it has read', async () => {
    const { live, generation } = open({});
    const reading = generation[Symbol.asyncIterator]();
    live.push(read);
    await reading.next();
    await reading.next();
    for (let n = 1; n <= 30; n++) {
      await vi.advanceTimersByTimeAsync(100);
      live.push(token(0, n));
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(await reading.next()).toMatchObject({ value: { type: 'token', completionTokens: 1 } });
    expect(await reading.next()).toMatchObject({ value: { type: 'summary', answers: [{ completionTokens: 1 }] } });
  });

  test('can be read once, and beside result() and text()', async () => {
    const { live, generation } = open({});
    const [seen, text] = [collect(generation), generation.text()];
    expect(() => generation[Symbol.asyncIterator]()).toThrow(/can be read once/);
    await expect(generation.forEach(() => undefined)).rejects.toThrow(/can be read once/);
    live.push(read);
    await generation.admitted;
    live.push(sampleToken({ text: 'hello' }));
    live.push(sampleDone());
    expect(await text).toBe('hello');
    expect(await generation.result()).toMatchObject({ id: 'g', text: 'hello' });
    expect(letters(await seen)).toBe('pstsd');
  });
});

describe('forEach', () => {
  test.each(['token', 'summary'])('cancels and rejects with what its function throws at a %s', async (type) => {
    const { live, generation, onCancel } = open();
    const calls: string[] = [];
    const reading = generation.forEach((event) => {
      calls.push(event.type);
      if (event.type === type) throw new Error('mine');
    });
    const failure = reading.catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(0);
    live.push(read);
    live.push(token(0, 1));
    expect(await failure).toEqual(new Error('mine'));
    const before = calls.length;
    live.push(token(0, 2));
    await vi.advanceTimersByTimeAsync(5000);
    expect(calls).toHaveLength(before);
    expect(onCancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('cancels and rejects with what its function throws at a summary that no event brought', async () => {
    const { live, generation, onCancel } = open();
    let summaries = 0;
    const reading = generation.forEach((event) => {
      if (event.type === 'summary' && ++summaries === 2) throw new Error('late');
    });
    const failure = reading.catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(0);
    live.push(read);
    live.push(token(0, 1));
    await vi.advanceTimersByTimeAsync(200);
    expect(await failure).toEqual(new Error('late'));
    expect(onCancel).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('withSummaries refuses a time that is none', () => {
  const live = new LiveGeneration({ id: 'g', onCancel: () => undefined });
  expect(() => withSummaries(live, { everyMs: -1 })).toThrow(/everyMs.*-1 is not a time/);
});
