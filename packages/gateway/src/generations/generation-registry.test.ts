import { Writable } from 'node:stream';

import { createEngine, createVirtualClock, scripted, type Engine, type ScriptedOptions } from '@headway/engine';
import { generateRequest, type GenerateInput, type GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ConnectionPace } from './connection/connection-pace.ts';
import type { GenerationLog } from './log/generation-log.ts';
import { GenerationRegistry, type GenerationRegistryOptions } from './generation-registry.ts';
import type { GenerationView } from './generation-view.ts';
import { MemoryLog } from './log/memory-log.ts';
import type { ViewerConnection } from './connection/viewer-connection.ts';

const anonymousCaller = { owner: '' };
const stalling: ScriptedOptions = {
  script: { reply: 'one two three', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
};

async function setUp(options: ScriptedOptions = {}, registryOptions: Partial<GenerationRegistryOptions> = {}) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock, parallel: 8 });
  let runs = 0;
  const priorities: (number | undefined)[] = [];
  const counting: Engine = Object.assign(Object.create(engine) as Engine, {
    generate: (...args: Parameters<Engine['generate']>) => {
      runs++;
      priorities.push(args[0].priority);
      return engine.generate(...args);
    },
    cancel: (...args: Parameters<Engine['cancel']>) => engine.cancel(...args),
    cancelChoice: (...args: Parameters<Engine['cancelChoice']>) => engine.cancelChoice(...args),
    models: () => engine.models(),
  });
  const registry = new GenerationRegistry({ engine: counting, graceMs: 30_000, ...registryOptions });
  return {
    engine,
    registry,
    priorities,
    get runs() {
      return runs;
    },
    open: (input: GenerateInput, caller = anonymousCaller) => registry.open(generateRequest.parse(input), caller),
    idle: () => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 }),
    async [Symbol.asyncDispose]() {
      registry.close();
      await engine.close();
    },
  };
}

/** Reads up to the first token. */
async function readToToken(view: GenerationView): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  while (events.at(-1)?.type !== 'token') {
    const { value } = await view.next();
    if (!value) throw new Error('the view ended before the first token');
    events.push(value);
  }
  return events;
}

const dropped: ViewerConnection = { open: false, enter: () => true, exit: () => undefined };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('GenerationRegistry.open', () => {
  test('returns the same generation for the same id and body, while it runs and after its end', async () => {
    await using context = await setUp({ script: { reply: 'once upon a time' } });
    const first = context.open({ prompt: 'x', id: 'mine' }).generation;
    const second = context.open({ prompt: 'x', id: 'mine' }).generation;
    expect(second).toBe(first);
    const [one, other] = await Promise.all([collect(await first.own()), collect(await second.own())]);
    const later = await collect(await context.open({ prompt: 'x', id: 'mine' }).generation.own());
    for (const events of [one, other, later]) {
      expect(textOf(events)).toBe('once upon a time');
      expect(invariantViolations(events, { merged: true })).toEqual([]);
    }
    expect(context.runs).toBe(1);
  });

  test('limits the priority of a request with a key to 0', async () => {
    await using context = await setUp();
    for (const [caller, priority] of [
      [anonymousCaller, 5],
      [{ ...anonymousCaller, owner: 'fox' }, 5],
      [{ ...anonymousCaller, owner: 'fox' }, -5],
    ] as const)
      await collect(await context.open({ prompt: 'x', priority }, caller).generation.own());
    expect(context.priorities).toEqual([5, 0, -5]);
  });

  test('refuses an id with another body as a conflict, where explicit defaults are the same body', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    for (const other of [
      { prompt: 'y' },
      { prompt: 'x', seed: 1 },
      { messages: [{ role: 'user' as const, content: 'x' }] },
    ])
      expect(() => context.open({ ...other, id: 'mine' })).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(context.open({ prompt: 'x', temperature: 0.7, stop: [], id: 'mine' }).generation).toBe(generation);
    expect(context.runs).toBe(1);
  });

  test('keeps the ids of owners apart: another owner cannot find, list, cancel or resume a generation', async () => {
    await using context = await setUp(stalling);
    const [owl, fox] = [{ owner: 'owl' }, { owner: 'fox' }];
    const { generation } = context.open({ prompt: 'x', id: 'mine' }, owl);
    await readToToken(await generation.own());
    expect(() => context.registry.find('mine', fox)).toThrow(expect.objectContaining({ code: 'generation-not-found' }));
    expect(() => context.open({ prompt: 'x', lastEventId: 'mine:1' }, fox)).toThrow(/no generation mine/);
    expect(context.registry.list(fox)).toEqual([]);
    expect(context.registry.cancel('mine', fox)).toBe(false);
    expect(context.open({ prompt: 'x', id: 'mine' }, fox).generation).not.toBe(generation);
    expect(context.runs).toBe(2);
    expect(context.registry.cancel('mine', owl)).toBe(true);
  });

  test('cancels one choice of several, for its owner alone', async () => {
    await using context = await setUp(stalling);
    const [owl, fox] = [{ owner: 'owl' }, { owner: 'fox' }];
    const { generation } = context.open({ prompt: 'x', id: 'mine', choices: 2 }, owl);
    const events = collect(await generation.watch());
    await expect.poll(() => generation.info().completionTokens).toBe(2);
    expect(context.registry.cancel('mine', fox, 1)).toBe(false);
    expect(() => context.registry.cancel('mine', owl, 2)).toThrow(
      expect.objectContaining({ code: 'invalid-request', issues: [expect.objectContaining({ path: ['index'] })] }),
    );
    expect(context.registry.cancel('mine', owl, 1)).toBe(true);
    await expect.poll(() => context.registry.cancel('mine', owl, 1)).toBe(false);
    expect(generation.ended).toBe(false);
    expect(context.registry.cancel('mine', owl, 0)).toBe(true);
    const ends = (await events).filter((event) => event.type === 'done');
    expect(ends.map(({ index, finishReason }) => [index, finishReason])).toEqual([
      [1, 'cancelled'],
      [0, 'cancelled'],
    ]);
    expect(() => context.registry.cancel('mine', owl, 2)).toThrow(/^index: there is no choice 2/);
    expect(context.registry.cancel('mine', owl, 0)).toBe(false);
  });

  test('runs a generation again that failed with a retryable error, while its old viewers read on', async () => {
    await using context = await setUp(stalling);
    const input = { prompt: 'x', id: 'mine' };
    const failed = context.open(input).generation;
    const seen = await readToToken(await failed.own());
    failed.cancel('engine-crashed');
    await context.idle();
    const resumed = context.open({ ...input, lastEventId: `mine:${seen.at(-1)?.seq}` });
    expect(await collect(await resumed.generation.own({ after: resumed.after }))).toMatchObject([
      { type: 'error', code: 'engine-crashed', retryable: true },
    ]);
    expect(context.runs).toBe(1);
    const watcher = await failed.watch();
    const again = context.open(input).generation;
    expect(again).not.toBe(failed);
    expect(context.runs).toBe(2);
    expect(context.open(input).generation).toBe(again);
    expect(context.registry.list(anonymousCaller)).toMatchObject([{ id: 'mine', outcome: null }]);
    expect((await collect(watcher)).at(-1)).toMatchObject({ code: 'engine-crashed' });
    again.cancel();
    await context.idle();
    expect(context.open(input).generation).toBe(again);
    expect(context.runs).toBe(2);
  });

  test('frees the id of a request that the engine refuses', async () => {
    await using context = await setUp();
    const { generation } = context.open({ prompt: 'x', id: 'mine', model: 'nope' });
    await expect(generation.own()).rejects.toMatchObject({ code: 'model-not-found' });
    expect(context.registry).toMatchObject({ running: 0, viewers: 0 });
    await collect(await context.open({ prompt: 'x', id: 'mine' }).generation.own());
    expect(context.registry.list(anonymousCaller)).toMatchObject([{ id: 'mine', state: 'ended', outcome: 'stop' }]);
  });
});

describe('resuming with lastEventId', () => {
  test('continues after any event, without another run', async () => {
    const reply = Array.from({ length: 500 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp({ script: { reply } });
    const input = { prompt: 'x', id: 'mine' };
    const whole = await collect(await context.open(input).generation.own());
    const tokens = [2, 3, 200, 499, whole.at(-1)?.seq ?? 0];
    for (const seq of tokens) {
      const { generation, after } = context.open({ ...input, lastEventId: `mine:${seq}` });
      const rest = await collect(await generation.own({ after }));
      expect(reply.endsWith(textOf(rest))).toBe(true);
      const seen = await collect(await generation.watch());
      expect(seen.length).toBeGreaterThan(0);
      for (const { seq: later } of rest) expect(later).toBeGreaterThan(seq);
    }
    expect(context.runs).toBe(1);
  });

  test('finds the generation of a request without an id', async () => {
    await using context = await setUp({ script: { reply: 'a b c' } });
    const { generation } = context.open({ prompt: 'x' });
    await collect(await generation.own());
    expect(context.open({ prompt: 'x', lastEventId: `${generation.id}:1` })).toMatchObject({ generation, after: 1 });
  });

  test.each([
    ['nothing:3', 'generation-not-found', /no generation nothing/],
    ['mine', 'invalid-request', /^lastEventId: .* is not the id of an event/],
    ['mine:-1', 'invalid-request', /^lastEventId: /],
    ['mine:1e3', 'invalid-request', /^lastEventId: /],
    ['mi ne:1', 'invalid-request', /^lastEventId: /],
    ['mine:99999999999999999999', 'invalid-request', /^lastEventId: /],
  ])('refuses %s with %s', async (lastEventId, code, message) => {
    await using context = await setUp(stalling);
    context.open({ prompt: 'x', id: 'mine' });
    const resume = () => context.open({ prompt: 'x', lastEventId });
    expect(resume).toThrow(expect.objectContaining({ code }));
    expect(resume).toThrow(message);
  });

  test('refuses an event of another generation, and one that does not exist yet', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    await readToToken(await generation.own());
    expect(() => context.open({ prompt: 'x', id: 'mine', lastEventId: 'other:1' })).toThrow(
      /belongs to the generation other/,
    );
    await expect(generation.own({ after: 1000 })).rejects.toThrow(/event 1000 of mine does not exist yet/);
    expect(generation.info().viewers).toBe(1);
  });
});

describe('a viewer that closes', () => {
  test('on purpose cancels the generation, if it was the last owner', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    const view = await generation.own();
    await readToToken(view);
    await view.return();
    await context.idle();
    expect(generation.info()).toMatchObject({ state: 'ended', outcome: 'cancelled', viewers: 0 });
    expect(vi.getTimerCount()).toBe(1);
  });

  test('does not end the generation, if it was a watcher', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x' });
    await readToToken(await generation.own());
    const watcher = await generation.watch();
    await readToToken(watcher);
    await watcher.return();
    expect(generation.info()).toMatchObject({ state: 'decode', viewers: 1 });
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
  });

  test('does not end the generation, if another owner remains', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x' });
    const [one, other] = [await generation.own(), await generation.own()];
    await readToToken(one);
    await one.return();
    expect(generation.ended).toBe(false);
    await other.return();
    await context.idle();
    expect(generation.info().outcome).toBe('cancelled');
  });

  test('by a dropped connection starts the grace time, which a resume ends', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    const view = await generation.own({ connection: dropped });
    const seen = await readToToken(view);
    await view.return();
    // Timers: the grace time, the generation's own limit, and the count of tokens.
    expect(vi.getTimerCount()).toBe(3);
    vi.advanceTimersByTime(29_999);
    expect(generation.ended).toBe(false);
    const resumed = await generation.own({ after: seen.at(-1)?.seq, connection: dropped });
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(60_000);
    expect(generation.ended).toBe(false);
    await resumed.return();
    vi.advanceTimersByTime(30_000);
    await context.idle();
    const { generation: late, after } = context.open({
      prompt: 'x',
      id: 'mine',
      lastEventId: `mine:${seen.at(-1)?.seq}`,
    });
    expect(await collect(await late.own({ after }))).toMatchObject([
      {
        type: 'error',
        code: 'abandoned',
        message:
          'no client was connected for 30 s, so the gateway stopped the generation; ' +
          'use watch or X-Headway-Resume to keep one open',
        retryable: false,
        usage: { completionTokens: 1 },
        remaining: 0,
      },
    ]);
    expect(context.runs).toBe(1);
  });

  test('does not end the generation, if its owner resumed on another connection', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x' });
    const halfOpen = await generation.own();
    const seen = await readToToken(halfOpen);
    const resumed = await generation.own({ after: seen.at(-1)?.seq });
    await halfOpen.return();
    expect(generation.ended).toBe(false);
    await resumed.return();
    await context.idle();
    expect(generation.info().outcome).toBe('cancelled');
  });

  test('starts the grace time only once the last watcher has closed', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x' });
    const owner = await generation.own({ connection: dropped });
    const watcher = await generation.watch();
    await readToToken(owner);
    await owner.return();
    vi.advanceTimersByTime(60_000);
    expect(generation.ended).toBe(false);
    await watcher.return();
    vi.advanceTimersByTime(29_999);
    expect(generation.ended).toBe(false);
    vi.advanceTimersByTime(1);
    await context.idle();
    expect(generation.info().outcome).toBe('abandoned');
  });

  test('by an aborted signal cancels the generation, before the view opens or while it waits', async () => {
    await using context = await setUp(stalling);
    const first = context.open({ prompt: 'x' }).generation;
    const view = await first.own({ signal: AbortSignal.abort() });
    expect(await collect(view)).toEqual([]);
    const second = context.open({ prompt: 'y' }).generation;
    const abort = new AbortController();
    const waiting = await second.own({ signal: abort.signal });
    await readToToken(waiting);
    const rest = waiting.next();
    abort.abort();
    expect(await rest).toEqual({ done: true, value: undefined });
    await context.idle();
    expect([first.info().outcome, second.info().outcome]).toEqual(['cancelled', 'cancelled']);
    expect(context.registry).toMatchObject({ running: 0, viewers: 0 });
  });

  test('is not needed: a generation without viewers runs to its end', async () => {
    await using context = await setUp({ script: { reply: 'a b c' } });
    const { generation } = context.open({ prompt: 'x' });
    await generation.outcome();
    expect(generation.info()).toMatchObject({ state: 'ended', outcome: 'stop', completionTokens: 3 });
  });
});

describe('an endless generation', () => {
  const endless = { prompt: 'x', ignoreEos: true, onContextFull: 'shift', maxTokens: 1_000_000 } as const;

  test('ends with generation-timeout beyond maxTokens, over all its choices', async () => {
    await using context = await setUp({ script: { reply: 'word '.repeat(1000) } }, { maxTokens: 100 });
    const { generation } = context.open({ ...endless, choices: 2 });
    const events = await collect(await generation.own());
    expect(invariantViolations(events)).toEqual([]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'generation-timeout', retryable: false, message: expect.stringContaining('more') },
      { type: 'error', code: 'generation-timeout' },
    ]);
    const written = generation.info().completionTokens;
    expect(written).toBeGreaterThan(100);
    expect(written).toBeLessThan(200);
  });

  test('is not what exactly maxTokens tokens are: such a generation ends with stop', async () => {
    await using context = await setUp({ script: { reply: 'word '.repeat(100).trim() } }, { maxTokens: 100 });
    const { generation } = context.open({ prompt: 'x' });
    expect(await generation.outcome()).toMatchObject({ finishReason: 'stop', usage: { completionTokens: 100 } });
  });

  test('ends with generation-timeout after maxMs, even while the engine stalls', async () => {
    await using context = await setUp(stalling, { maxMs: 50_000 });
    const { generation } = context.open({ prompt: 'x' });
    const view = await generation.own();
    await readToToken(view);
    await vi.advanceTimersByTimeAsync(49_000);
    expect(generation.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1001);
    expect((await collect(view)).at(-1)).toMatchObject({ type: 'error', code: 'generation-timeout' });
    expect(generation.info()).toMatchObject({ outcome: 'generation-timeout' });
    // The timer that forgets the ended generation.
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe('a generation with several choices', () => {
  test('sends all of them in one stream, which ends with the last one', async () => {
    await using context = await setUp({ script: { reply: 'a b c d e f g h' } });
    const { generation } = context.open({ prompt: 'x', choices: 3 });
    const live = await collect(await generation.own());
    const late = await collect(await generation.watch());
    for (const events of [live, late]) {
      expect(invariantViolations(events, { merged: true })).toEqual([]);
      for (const index of [0, 1, 2]) {
        expect(textOf(events, { index })).toBe('a b c d e f g h');
      }
      expect(events.filter(({ type }) => type === 'done')).toHaveLength(3);
      expect(events.at(-1)).toMatchObject({ remaining: 0 });
    }
    expect(generation.info()).toMatchObject({ completionTokens: 24, outcome: 'stop' });
  });

  test('runs until the last choice has ended, and has the outcome of the first', async () => {
    const fault = { phase: 'decode', afterTokens: 2, does: 'stall' } as const;
    await using context = await setUp({
      script: ({ seed }) => ({ reply: 'a b c d', fault: seed === 7 ? fault : null }),
    });
    const { generation } = context.open({ prompt: 'x', choices: 2, seed: 7 });
    for await (const { type, index } of await generation.own()) {
      if (type !== 'done' || index === 0) continue;
      expect(generation.info()).toMatchObject({ state: 'decode', outcome: null });
      generation.cancel();
    }
    expect(generation.info()).toMatchObject({ state: 'ended', outcome: 'cancelled' });
  });

  test('can be resumed after any event of any choice', async () => {
    await using context = await setUp({ script: { reply: 'a b c d e f g h' } });
    const { generation } = context.open({ prompt: 'x', choices: 3 });
    const whole = await collect(await generation.own());
    for (const [at, { seq }] of whole.entries()) {
      const rest = await collect(await generation.watch({ after: seq }));
      for (const index of [0, 1, 2]) {
        expect(textOf(whole.slice(0, at + 1), { index }) + textOf(rest, { index })).toBe('a b c d e f g h');
      }
    }
  });
});

describe('an ended generation', () => {
  test('stays readable for five minutes, with one timer for all', async () => {
    await using context = await setUp({ script: { reply: 'a' } });
    for (const id of ['one', 'two']) await collect(await context.open({ prompt: 'x', id }).generation.own());
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(5 * 60_000 - 1);
    expect(context.registry.list(anonymousCaller).map(({ id }) => id)).toEqual(['two', 'one']);
    vi.advanceTimersByTime(1);
    expect(context.registry.list(anonymousCaller)).toEqual([]);
    expect(() => context.registry.find('one', anonymousCaller)).toThrow(/no generation one/);
    expect(vi.getTimerCount()).toBe(0);
    await collect(await context.open({ prompt: 'y', id: 'one' }).generation.own());
    expect(context.runs).toBe(3);
  });

  test('is one of 256 at most: the oldest is forgotten first', async () => {
    await using context = await setUp({ script: { reply: 'a' } });
    for (let at = 0; at < 260; at++) await context.open({ prompt: 'x', id: `g${at}` }).generation.outcome();
    await expect.poll(() => context.registry.running).toBe(0);
    const kept = context.registry.list(anonymousCaller).map(({ id }) => id);
    expect(kept).toHaveLength(256);
    expect(kept.at(-1)).toBe('g4');
    expect(vi.getTimerCount()).toBe(1);
  });

  test('is not forgotten because of another owner’s many generations', async () => {
    await using context = await setUp({ script: { reply: 'a' } });
    const [owl, fox] = [{ owner: 'owl' }, { owner: 'fox' }];
    const end = (id: string, caller: typeof owl) => context.open({ prompt: 'x', id }, caller).generation.outcome();
    await end('mine', owl);
    for (let at = 0; at < 260; at++) await end(`g${at}`, fox);
    await expect.poll(() => context.registry.running).toBe(0);
    expect(context.registry.list(owl)).toMatchObject([{ id: 'mine' }]);
    const kept = context.registry.list(fox);
    expect(kept).toHaveLength(255);
    expect(kept.at(-1)?.id).toBe('g5');
  });
});

describe('a viewer that does not read', () => {
  test('gets all that it missed, in merged events', async () => {
    const reply = Array.from({ length: 3000 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp({ script: { reply } });
    const { generation } = context.open({ prompt: 'x' });
    const [slow, fast] = [await generation.own(), await generation.watch()];
    const whole = await collect(fast);
    const merged = await collect(slow);
    expect(textOf(merged)).toBe(reply);
    expect(invariantViolations(merged, { merged: true })).toEqual([]);
    expect(merged.length).toBeLessThan(10);
    expect(whole.length).toBeGreaterThan(merged.length);
  });

  test('fails with slow-consumer when its connection is full for too long, and can resume', async () => {
    await using context = await setUp(stalling);
    const full = new Writable({ highWaterMark: 1, write: () => undefined });
    const closed: string[] = [];
    const connection = new ConnectionPace(full, { slowConsumerMs: 1000, onSlow: () => closed.push('closed') });
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    const view = await generation.own({ connection });
    await view.next();
    full.write('ab');
    const stuck = view.next();
    vi.advanceTimersByTime(1000);
    await expect(stuck).rejects.toMatchObject({ code: 'slow-consumer', retryable: true });
    await expect.poll(() => closed).toEqual(['closed']);
    expect(generation.info()).toMatchObject({ viewers: 0, outcome: null });
    const { after } = context.open({ prompt: 'x', id: 'mine', lastEventId: 'mine:0' });
    await readToToken(await generation.own({ after }));
    // The timers of the generation's own limit and of the count of tokens.
    expect(vi.getTimerCount()).toBe(2);
  });

  test('cancels the generation when its connection is full for too long and its API cannot resume', async () => {
    await using context = await setUp(stalling);
    const full = new Writable({ highWaterMark: 1, write: () => undefined });
    const connection = new ConnectionPace(full, { slowConsumerMs: 1000 });
    const { generation } = context.open({ prompt: 'x' });
    const view = await generation.own({ connection, closeReason: () => 'on-purpose' });
    await view.next();
    full.write('ab');
    const stuck = view.next();
    vi.advanceTimersByTime(1000);
    await expect(stuck).rejects.toMatchObject({ code: 'slow-consumer' });
    await context.idle();
    expect(generation.info()).toMatchObject({ viewers: 0, outcome: 'cancelled' });
  });

  test('fails with slow-consumer, not retryable, when the log has dropped its position', async () => {
    const reply = 'word '.repeat(5000);
    await using context = await setUp({ script: { reply } }, { createLog: () => new MemoryLog({ maxBytes: 50_000 }) });
    const { generation } = context.open({ prompt: 'x' });
    const view = await generation.own();
    await view.next();
    await generation.outcome();
    await expect(collect(view)).rejects.toMatchObject({ code: 'slow-consumer', retryable: false });
  });
});

describe('a remote log', () => {
  test('may read asynchronously', async () => {
    const createLog = (): GenerationLog => {
      const log = new MemoryLog({ maxBytes: 1e6 });
      return {
        get lastSeq() {
          return log.lastSeq;
        },
        get bytes() {
          return log.bytes;
        },
        append: (event) => log.append(event),
        onAppend: (listener) => log.onAppend(listener),
        async next(after) {
          await new Promise((resolve) => setImmediate(resolve));
          return log.next(after);
        },
      };
    };
    await using context = await setUp({ script: { reply: 'once upon a time' } }, { createLog });
    const events = await collect(await context.open({ prompt: 'x' }).generation.own());
    expect(textOf(events)).toBe('once upon a time');
    expect(invariantViolations(events, { merged: true })).toEqual([]);
  });
});

describe('a registry that shuts down', () => {
  test('refuses new requests, allows resuming, ends generations with shutting-down, and leaves no timer', async () => {
    await using context = await setUp(stalling);
    const { generation } = context.open({ prompt: 'x', id: 'mine' });
    const view = await generation.own();
    await readToToken(view);
    context.registry.refuseNew();
    expect(() => context.open({ prompt: 'y' })).toThrow(expect.objectContaining({ code: 'shutting-down' }));
    expect(context.open({ prompt: 'x', id: 'mine' }).generation).toBe(generation);
    const never = new Promise<void>(() => undefined);
    let settled = false;
    const settling = context.registry.settled(never).then(() => (settled = true));
    context.registry.cancelAll();
    await context.registry.ended(never);
    expect(settled).toBe(false);
    expect(await collect(view)).toMatchObject([{ type: 'error', code: 'shutting-down' }]);
    await settling;
    context.registry.close();
    expect(context.registry).toMatchObject({ running: 0, viewers: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('leaves no grace timer for a connection that drops after close', async () => {
    await using context = await setUp(stalling);
    const view = await context.open({ prompt: 'x' }).generation.own({ connection: dropped });
    await readToToken(view);
    context.registry.close();
    await view.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stops waiting when `late` resolves', async () => {
    await using context = await setUp(stalling);
    await readToToken(await context.open({ prompt: 'x' }).generation.own());
    await context.registry.ended(Promise.resolve());
    expect(context.registry.running).toBe(1);
  });
});

test(
  '400 generations whose viewers close in every way leave no view, no timer and no generation',
  { timeout: 30_000 },
  async () => {
    const rounds = 50;
    await using context = await setUp(stalling, { graceMs: 10 });
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        Array.from({ length: 8 }, async (_, at) => {
          const { generation } = context.open({ prompt: `${round} ${at}` });
          const view = await generation.own(at % 2 === 0 ? {} : { connection: dropped });
          const watcher = at % 4 < 2 ? await generation.watch() : null;
          if (at % 3 > 0) await readToToken(view);
          await view.return();
          await watcher?.return();
        }),
      );
      vi.advanceTimersByTime(10);
      await context.registry.settled(new Promise(() => undefined));
      expect(context.registry).toMatchObject({ running: 0, viewers: 0 });
    }
    expect(context.runs).toBe(rounds * 8);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(5 * 60_000);
    expect(context.registry.list(anonymousCaller)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  },
);

describe('the token counts', () => {
  const sum = (perSecond: readonly number[]) => perSecond.reduce((a, b) => a + b, 0) * 2;

  test('count what is read and written in the interval in which it happens, and cached tokens apart', async () => {
    await using context = await setUp({ script: { reply: 'one two three' } });
    await collect(await context.open({ prompt: 'a b c d e' }).generation.own());
    vi.advanceTimersByTime(2000);
    const once = context.registry.tokens.read(performance.now());
    expect([sum(once.rates.prefill), sum(once.rates.decode)]).toEqual([5, 3]);
    expect(once.cache).toEqual({ promptTokens: 5, cachedTokens: 0 });
    await collect(await context.open({ prompt: 'a b c d e' }).generation.own());
    vi.advanceTimersByTime(2000);
    const { rates, cache } = context.registry.tokens.read(performance.now());
    expect(rates.decode).toEqual([1.5, 1.5]);
    expect(sum(rates.prefill)).toBe(10 - cache.cachedTokens);
    expect(cache).toEqual({ promptTokens: 10, cachedTokens: 4 });
  });

  test('go on while a generation runs and nobody asks', async () => {
    await using context = await setUp(stalling);
    const view = await context.open({ prompt: 'x' }).generation.own();
    await readToToken(view);
    vi.advanceTimersByTime(20_000);
    expect(context.registry.tokens.openUntil).toBeGreaterThan(performance.now());
    expect(context.registry.tokens.read(performance.now()).rates.decode.slice(0, 3)).toEqual([0.5, 0, 0]);
  });
});
