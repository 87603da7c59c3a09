import { deferred, type GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import type { Engine } from '../../port/engine.ts';
import { openScriptedModels } from '../scripted-models.fixture.ts';

const gb = 1e9;
const model = (id: string, expected = gb) => ({ id, expected });

const sharesOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === 'prefill' && event.phase === 'loading' ? (event.loaded ?? null) : []));

/** Starts a generation that goes on until it is cancelled, and waits until it writes. */
async function startStalled(engine: Engine, id: string) {
  const generation = engine.generate({ prompt: 'stall', model: id });
  await expect.poll(async () => (await engine.activity()).slots.busy).toBe(1);
  return generation;
}

describe('models on demand', () => {
  it('loads a model when it is asked for, and tells from 0 to 1 how much of it is there', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: 4 * gb });
    const { engine, log, states } = context;
    await engine.ready();
    expect([await states(), log]).toEqual([['unloaded', 'unloaded'], []]);
    const events = await collect(engine.generate({ prompt: 'hello', model: 'b' }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events[0]).toMatchObject({ type: 'prefill', id: expect.any(String), phase: 'loading', loaded: 0 });
    expect(sharesOf(events).at(-1)).toBe(1);
    expect(sharesOf(events).length).toBeGreaterThan(3);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
    expect([await states(), log]).toEqual([['unloaded', 'ready'], ['load b']]);
    expect(await engine.activity()).toMatchObject({ memory: { limit: 4 * gb, used: gb } });
    expect(await engine.models()).toMatchObject([
      { id: 'a', onDemand: true, memoryBytes: null },
      { id: 'b', onDemand: true, memoryBytes: gb, contextSize: 32_768 },
    ]);
    expect(sharesOf(await collect(engine.generate({ prompt: 'again', model: 'b' })))).toEqual([]);
  });

  it('unloads the least recently used idle model to make room', async () => {
    await using context = openScriptedModels([model('a'), model('b'), model('c')], { limit: 2 * gb });
    const { engine, log } = context;
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await engine.generate({ prompt: 'hi', model: id }).result();
    expect(log).toEqual(['load a', 'load b', 'gone b', 'load c', 'gone c', 'load b']);
  });

  it('goes by what a model takes, once that is known', async () => {
    const grown = { id: 'grown', expected: gb, measured: 1.5 * gb };
    await using context = openScriptedModels([grown, model('b')], { limit: 2 * gb });
    const { engine, log } = context;
    for (const id of ['grown', 'b', 'grown']) await engine.generate({ prompt: 'hi', model: id }).result();
    expect(log).toEqual(['load grown', 'gone grown', 'load b', 'gone b', 'load grown']);
  });

  it('keeps one that turned out larger than the limit, alone', async () => {
    const grown = { id: 'grown', expected: gb, measured: 3 * gb };
    await using context = openScriptedModels([grown, model('b')], { limit: 2 * gb });
    const { engine, log, states } = context;
    for (const id of ['b', 'grown', 'grown']) await engine.generate({ prompt: 'hi', model: id }).result();
    expect(log).toEqual(['load b', 'load grown', 'gone b']);
    expect(await states()).toEqual(['ready', 'unloaded']);
  });

  it('never unloads one that works: the request for another waits in loading until it is done', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, log, clock } = context;
    const works = await startStalled(engine, 'a');
    const written = collect(works);
    const waits = engine.generate({ prompt: 'hi', model: 'b' });
    await waits.admitted;
    await clock.advance(60_000);
    expect(log).toEqual(['load a']);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 1 }, queued: 1, memory: { used: gb } });
    await works.cancel();
    const events = await collect(waits);
    expect(invariantViolations(await written)).toEqual([]);
    expect(invariantViolations(events)).toEqual([]);
    expect(log).toEqual(['load a', 'gone a', 'load b']);
  });

  it('drops one choice of a request that waits for its model; without any, nothing is loaded', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, log } = context;
    const works = await startStalled(engine, 'a');
    const [waits, dropped] = ['b', 'b'].map((id) => engine.generate({ prompt: 'hi', model: id, choices: 2 }));
    if (!waits || !dropped) throw new Error('unreachable');
    await Promise.all([waits.admitted, dropped.admitted]);
    expect(engine.cancelChoice(waits.id, 0)).toBe(true);
    expect([1, 0].map((index) => engine.cancelChoice(dropped.id, index))).toEqual([true, true]);
    expect((await collect(dropped)).map(({ type }) => type)).toEqual(['prefill', 'done', 'done']);
    expect([log, (await engine.activity()).queued]).toEqual([['load a'], 1]);
    await works.cancel();
    const events = await collect(waits);
    expect(invariantViolations(events)).toEqual([]);
    expect(log).toEqual(['load a', 'gone a', 'load b']);
    const ends = events.filter((event) => event.type === 'done');
    expect(ends.map(({ index, finishReason }) => [index, finishReason])).toEqual([
      [0, 'cancelled'],
      [1, 'stop'],
    ]);
    const alone = engine.generate({ prompt: 'hi', model: 'a', choices: 2 });
    await alone.admitted;
    for (const index of [0, 1]) engine.cancelChoice(alone.id, index);
    await alone.result();
    expect(await engine.activity()).toMatchObject({ queued: 0, slots: { busy: 0 } });
  });

  it('serves models in the order in which they were asked for, so that none waits for ever', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, log } = context;
    const works = await startStalled(engine, 'a');
    const order: string[] = [];
    const ask = (name: string, id: string) =>
      engine
        .generate({ prompt: name, model: id })
        .result()
        .then(() => order.push(name));
    const first = ask('first', 'b');
    // The model of these is loaded and has a free slot, but the other one was asked for before.
    const others = [ask('second', 'a'), ask('third', 'a'), ask('fourth', 'b')];
    await expect.poll(async () => (await engine.activity()).queued).toBe(4);
    await works.cancel();
    await Promise.all([first, ...others]);
    expect(order.slice(0, 2).toSorted()).toEqual(['first', 'fourth']);
    expect(log).toEqual(['load a', 'gone a', 'load b', 'gone b', 'load a']);
  });

  it('takes new work again when the model that it was to make room for is not wanted any more', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, log } = context;
    const works = await startStalled(engine, 'a');
    const left = engine.generate({ prompt: 'left', model: 'b' });
    const behind = engine.generate({ prompt: 'behind', model: 'a' });
    await Promise.all([left.admitted, behind.admitted]);
    await left.cancel();
    await expect(left.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
    await expect(behind.result()).resolves.toMatchObject({ finishReason: 'stop' });
    expect(log).toEqual(['load a']);
    await works.cancel();
  });

  it('ends a request that waits when it is cancelled or waited for too long, and refuses more than may wait', async () => {
    await using context = openScriptedModels([model('a'), model('b')], {
      limit: gb,
      parallel: 1,
      maxQueue: 1,
      queueTimeoutMs: 5000,
    });
    const { engine, clock, log } = context;
    const works = await startStalled(engine, 'a');
    const ask = () => engine.generate({ prompt: 'x', model: 'b' });
    const [cancelled, late] = [ask(), ask()];
    await Promise.all([cancelled.admitted, late.admitted]);
    const refused = ask();
    await expect(refused.admitted).rejects.toMatchObject({ code: 'queue-full' });
    await cancelled.cancel();
    expect((await cancelled.result()).finishReason).toBe('cancelled');
    await clock.advance(5000);
    const events = await collect(late);
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      code: 'queue-timeout',
      retryable: true,
      message: expect.stringContaining('no memory was free for the model within 5 s'),
    });
    await works.cancel();
    await engine.generate({ prompt: 'x', model: 'a' }).result();
    expect(log).toEqual(['load a']);
    expect(clock.sleepers).toBe(0);
  });

  it('ends a request that came while its model was measured, and then waited too long for memory', async () => {
    const measured = deferred();
    await using context = openScriptedModels([model('a'), { ...model('b'), measuring: measured.promise }], {
      limit: gb,
      queueTimeoutMs: 5000,
    });
    const { engine, clock } = context;
    const works = await startStalled(engine, 'a');
    const late = engine.generate({ prompt: 'x', model: 'b' });
    await late.admitted;
    await clock.advance(60_000);
    measured.resolve();
    await clock.advance(5000);
    expect((await collect(late)).at(-1)).toMatchObject({ code: 'queue-timeout' });
    await works.cancel();
    await works.result();
    expect(clock.sleepers).toBe(0);
  });

  it('unloads a model that was idle for its time, and not one that was used meanwhile', async () => {
    const context = openScriptedModels([{ ...model('a'), ttlMs: 60_000 }]);
    const { engine, clock, log, states } = context;
    await engine.generate({ prompt: 'hi' }).result();
    await clock.advance(59_000);
    const works = await startStalled(engine, 'default');
    await clock.advance(120_000);
    expect(await states()).toEqual(['ready']);
    await works.cancel();
    await works.result();
    await clock.advance(59_999);
    expect([await states(), clock.sleepers]).toEqual([['ready'], 1]);
    await clock.advance(1);
    expect([await states(), log, clock.sleepers]).toEqual([['unloaded'], ['load a', 'gone a'], 0]);
    expect(await engine.generate({ prompt: 'hi' }).result()).toMatchObject({ finishReason: 'stop' });
    await engine.close();
    expect([log, clock.sleepers]).toEqual([['load a', 'gone a', 'load a', 'gone a'], 0]);
  });

  it('refuses a model that does not fit even alone, with what is missing, and serves the others', async () => {
    await using context = openScriptedModels([model('a'), model('large', 3.5 * gb)], { limit: 2 * gb });
    const { engine, states } = context;
    const message = expect.stringContaining(
      'large needs about 3.5 GB, which is 1.5 GB more than the limit of 2.0 GB',
    ) as string;
    await expect(engine.ready()).rejects.toMatchObject({ code: 'model-load-failed', message });
    const asked = { prompt: 'x', model: 'large' };
    await expect(engine.generate(asked).admitted).rejects.toMatchObject({ code: 'model-load-failed', message });
    await expect(engine.estimate(asked)).rejects.toMatchObject({ code: 'model-load-failed', message });
    expect(await engine.generate({ prompt: 'x' }).result()).toMatchObject({ finishReason: 'stop' });
    expect(await states()).toEqual(['ready', 'failed']);
  });

  it('ends what waits when loading fails, and tries again for the next request', async () => {
    let broken = true;
    const onLoad = () => {
      if (broken) throw new Error('the disk is on fire');
    };
    await using context = openScriptedModels([{ ...model('a'), onLoad }], { limit: gb });
    const { engine, states, memory } = context;
    const events = await collect(engine.generate({ prompt: 'x' }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ code: 'model-load-failed', message: 'the disk is on fire' });
    expect([await states(), memory.used]).toEqual([['failed'], 0]);
    broken = false;
    expect(await engine.generate({ prompt: 'x' }).result()).toMatchObject({ finishReason: 'stop' });
    expect(await states()).toEqual(['ready']);
  });

  it('loads a model for a query, too, and keeps it until the query is answered', async () => {
    await using context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, log } = context;
    const [estimate, tokens] = await Promise.all([
      engine.estimate({ prompt: 'one two', model: 'a' }),
      engine.tokenize({ text: 'hi', model: 'b' }),
    ]);
    expect([estimate.tokens, tokens.length]).toEqual([2, 2]);
    expect(log).toEqual(['load a', 'gone a', 'load b']);
  });

  it('ends everything at close, what waits included, and loads nothing more', async () => {
    const context = openScriptedModels([model('a'), model('b')], { limit: gb });
    const { engine, clock, log } = context;
    const all = [
      engine.generate({ prompt: 'stall', model: 'a' }),
      engine.generate({ prompt: 'x', model: 'b' }),
      engine.generate({ prompt: 'x', model: 'a' }),
    ];
    await Promise.all(all.map(({ admitted }) => admitted));
    await engine.close();
    for (const one of all) await expect(one.result()).rejects.toMatchObject({ code: 'shutting-down' });
    await expect(engine.generate({ prompt: 'x' }).admitted).rejects.toMatchObject({ code: 'shutting-down' });
    expect([log, clock.sleepers]).toEqual([['load a', 'gone a'], 0]);
  });

  it(
    'loses no request and stays within the limit, whatever is asked for and cancelled when',
    { timeout: 30_000 },
    async () => {
      let state = 7;
      const random = (below: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      const sized = (size: number) => model(`m${size}`, size * gb);
      const context = openScriptedModels([sized(1), sized(2), sized(3), sized(4)], {
        limit: 5 * gb,
        maxQueue: 1000,
        loadMs: 200,
      });
      const { engine, clock, log, memory } = context;
      const cancels: Promise<unknown>[] = [];
      const runs = Array.from({ length: 60 }, async (_, at) => {
        await clock.sleep(random(20_000));
        const prompt = random(4) === 0 ? 'stall' : `prompt ${at}`;
        const generation = engine.generate({ prompt, model: `m${1 + random(4)}` });
        if (prompt === 'stall' || random(5) === 0) {
          cancels.push(clock.sleep(random(3000)).then(() => generation.cancel()));
        }
        const events = await collect(generation, () => expect(memory.used).toBeLessThanOrEqual(5 * gb));
        expect(invariantViolations(events)).toEqual([]);
        return events;
      });
      const all = await Promise.all(runs);
      await Promise.all(cancels);
      expect(all.every((events) => events.at(-1)?.type === 'done')).toBe(true);
      expect(all.filter((events) => textOf(events) !== '').length).toBeGreaterThan(25);
      expect(log.length).toBeGreaterThan(20);
      expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
      await engine.close();
      expect(log.filter((line) => line.startsWith('load'))).toHaveLength(
        log.filter((line) => line.startsWith('gone')).length,
      );
      expect(clock.sleepers).toBe(0);
    },
  );
});
