import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { withProgress, type Generation, type GenerationEvent, type TokenEvent } from '@headway/protocol';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';

import { describeBackend } from '../backend/backend-contract.suite.ts';
import { faultyBackend, isAlive, openIsolated, runTypeScript } from './open-isolated.fixture.ts';

// Starting a process that compiles TypeScript takes seconds, more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const onToken = (react: (event: TokenEvent) => void) => (event: GenerationEvent) => {
  if (event.type === 'token') react(event);
};

test('the issues of a refusal cross from the process', async () => {
  await using context = await openIsolated({ parallel: 1 });
  const asked = { prompt: 'x', choices: 3 };
  const issue = { path: ['choices'], message: expect.any(String) as string, expected: 'at most 1' };
  await expect(context.engine.estimate(asked)).rejects.toMatchObject({ code: 'invalid-request', issues: [issue] });
  expect(await collect(context.engine.generate(asked))).toMatchObject([{ type: 'error', issues: [issue] }]);
});

const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);

/** Runs until the test ends it. */
const endless = { prompt: 'go on and on', ignoreEos: true };

describeBackend('scripted, in a child process', {
  open: async () => (await openIsolated({ parallel: 2, backend: faultyBackend({ fast: true }) })).engine,
  text: (tokens, seed) => `w${seed} `.repeat(tokens).trim(),
  lateEvents: 4,
});

describe('an isolated engine', () => {
  it("reports to the caller's progress hook, in the caller's async context", async () => {
    await using context = await openIsolated();
    const phases: string[] = [];
    await withProgress(
      ({ phase, isFinal }) => phases.push(isFinal ? 'final' : phase),
      () => context.engine.generate({ prompt: 'hello there' }).text(),
      { everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY },
    );
    expect(new Set(phases)).toEqual(new Set(['prefill', 'decode', 'final']));
    expect(phases.filter((phase) => phase === 'final')).toHaveLength(1);
  });

  it('ends every stream with one error when its process is killed, and restarts', async () => {
    await using context = await openIsolated({ parallel: 2 });
    const { engine, pid } = context;
    const first = pid();
    const streams = [1, 2, 3].map((seed) => engine.generate({ ...endless, seed }));
    let written = 0;
    const kill = () => void (++written === 20 && process.kill(first, 'SIGKILL'));
    const all = await Promise.all(streams.map((stream) => collect(stream, onToken(kill))));
    for (const events of all) {
      expect(invariantViolations(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({
        type: 'error',
        code: 'engine-crashed',
        retryable: true,
        remaining: 0,
        message: expect.stringContaining('SIGKILL'),
      });
    }
    // The third generation was waiting for a slot.
    expect(all.map((events) => events.some(({ type }) => type === 'token'))).toEqual([true, true, false]);
    expect(await engine.generate({ prompt: 'and now' }).result()).toMatchObject({ finishReason: 'stop' });
    expect(pid()).not.toBe(first);
    expect(await engine.activity()).toMatchObject({
      slots: { total: 2, busy: 0 },
      queued: 0,
      models: [{ id: 'faulty', queued: 0, slots: [{ run: null }, { run: null }] }],
      process: { restarts: 1, lastCrash: expect.stringContaining('SIGKILL') },
    });
  });

  it('ends only the open choices with an error when its process is killed', async () => {
    await using context = await openIsolated({ parallel: 2 });
    const { engine, pid } = context;
    const kill = onToken(({ index, completionTokens }) => {
      if (index === 1 && completionTokens === 5) process.kill(pid(), 'SIGKILL');
    });
    const events = await collect(engine.generate({ ...endless, choices: 2 }), kill);
    expect(invariantViolations(events)).toEqual([]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'engine-crashed', index: 0, remaining: 1 },
      { type: 'error', code: 'engine-crashed', index: 1, remaining: 0 },
    ]);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(2);
  });

  it.each([
    ['native crash', 'crashed (SIGSEGV)', {}],
    // The last garbage collection blocks the process, for seconds on a busy machine.
    ['out of memory', 'ran out of memory', {}],
    ['blocked loop', 'stopped responding and was killed', { beatMs: 50, silentMs: 2000 }],
    ['stall', 'made no progress and was killed', { beatMs: 50, stuckMs: 2000 }],
    ['exit', 'exited with code 3 (the disk is on fire)', {}],
  ])('after the fault "%s" reports that the engine %s', async (prompt, reason, pulse) => {
    await using context = await openIsolated({ execArgv: [...runTypeScript, '--max-old-space-size=64'], pulse });
    const { engine, news } = context;
    const events = await collect(engine.generate({ prompt }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ code: 'engine-crashed', message: expect.stringContaining(reason) });
    expect(news).toContainEqual(expect.objectContaining({ type: 'crashed', reason }));
    await expect(engine.generate({ prompt: 'and now' }).result()).resolves.toMatchObject({ finishReason: 'stop' });
  });

  it('reports loading to requests that arrive during a restart, and then answers them', async () => {
    await using context = await openIsolated();
    const { engine, pid } = context;
    await expect(engine.generate({ prompt: 'native crash' }).result()).rejects.toMatchObject({
      code: 'engine-crashed',
    });
    const dead = pid();
    const held = engine.generate({ prompt: 'early' });
    await held.admitted;
    expect(pid()).toBe(dead);
    expect(await engine.models()).toMatchObject([
      { id: 'faulty', state: 'loading', error: 'the engine crashed (SIGSEGV); it is restarting' },
    ]);
    expect(await engine.activity()).toMatchObject({ queued: 1, slots: { busy: 0, total: 4 } });
    await expect(engine.estimate({ prompt: 'early' })).rejects.toMatchObject({
      code: 'engine-crashed',
      retryable: true,
    });
    await expect(engine.tokenize({ text: 'early' })).rejects.toMatchObject({ code: 'engine-crashed' });
    const events = await collect(held);
    expect(invariantViolations(events)).toEqual([]);
    expect(events[0]).toMatchObject({ phase: 'loading', seq: 0, id: held.id });
    const end = events.at(-1);
    if (end?.type !== 'done') throw new Error(`ended by ${JSON.stringify(end)}`);
    // The restart delay of 100 ms counts as queued time.
    expect(end.timings.queuedMs).toBeGreaterThan(100);
    expect(await engine.models()).toMatchObject([{ state: 'ready' }]);
    await engine.ready();
  });

  it('reports that the engine does not answer while its process is stopped, and recovers', async () => {
    await using context = await openIsolated();
    const { engine, pid } = context;
    const running = engine.generate(endless);
    await running.admitted;
    expect((await engine.activity()).models[0]?.slots).toContainEqual({
      run: expect.anything(),
      held: expect.anything(),
    });
    process.kill(pid(), 'SIGSTOP');
    expect(await engine.models()).toMatchObject([{ state: 'loading', error: 'the engine does not answer' }]);
    const said = await engine.activity();
    expect(said).toMatchObject({ slots: { busy: 1 }, process: { restarts: 0 } });
    expect(said.models[0]?.slots.filter(({ run }) => run !== null)).toHaveLength(1);
    process.kill(pid(), 'SIGCONT');
    await expect.poll(() => engine.models(), { timeout: 10_000 }).toMatchObject([{ state: 'ready' }]);
    await running.cancel();
    await expect(running.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
  });

  it('cancels held requests by id, and refuses a held request for an unknown model after the restart', async () => {
    await using context = await openIsolated({ maxQueue: 3 });
    const { engine } = context;
    await expect(engine.generate({ prompt: 'exit' }).result()).rejects.toMatchObject({ code: 'engine-crashed' });
    const [cancelled, abandoned, unknown] = [{}, {}, { model: 'unknown' }].map((rest) =>
      engine.generate({ prompt: 'early', ...rest }),
    ) as [Generation, Generation, Generation];
    const tooMany = engine.generate({ prompt: 'one too many' });
    await expect(tooMany.admitted).rejects.toMatchObject({ code: 'queue-full' });
    void cancelled.cancel();
    engine.cancel(abandoned.id, 'abandoned');
    const all = await Promise.all([cancelled, abandoned, unknown].map((generation) => collect(generation)));
    for (const events of all) expect(invariantViolations(events)).toEqual([]);
    expect(all.map((events) => events.at(-1))).toMatchObject([
      { type: 'done', finishReason: 'cancelled' },
      { type: 'error', code: 'abandoned' },
      { type: 'error', code: 'model-not-found' },
    ]);
  });

  it('drops one choice of a held request, and the process writes the others', async () => {
    await using context = await openIsolated({ parallel: 3 });
    const { engine } = context;
    await expect(engine.generate({ prompt: 'exit' }).result()).rejects.toMatchObject({ code: 'engine-crashed' });
    const held = engine.generate({ prompt: 'early', choices: 3 });
    const dropped = engine.generate({ prompt: 'early', choices: 2 });
    await Promise.all([held.admitted, dropped.admitted]);
    expect([1, 1, 0].map((index) => engine.cancelChoice(held.id, index))).toEqual([true, false, true]);
    expect([0, 1].map((index) => engine.cancelChoice(dropped.id, index))).toEqual([true, true]);
    const [events, none] = await Promise.all([collect(held), collect(dropped)]);
    expect([invariantViolations(events), invariantViolations(none)]).toEqual([[], []]);
    const ends = events.filter((event) => event.type === 'done');
    expect(ends.map(({ index, finishReason, remaining }) => [index, finishReason, remaining])).toEqual([
      [1, 'cancelled', 2],
      [0, 'cancelled', 1],
      [2, 'stop', 0],
    ]);
    expect(new Set(events.flatMap((event) => (event.type === 'token' ? [event.index] : [])))).toEqual(new Set([2]));
    expect(none.map(({ type }) => type)).toEqual(['prefill', 'done', 'done']);
  });

  it('restarts after growing delays, and refuses requests after four crashes in a row', async () => {
    await using context = await openIsolated();
    const { engine, news } = context;
    for (let crash = 0; crash < 4; crash++) {
      await expect(engine.generate({ prompt: 'native crash', seed: crash }).result()).rejects.toMatchObject({
        code: 'engine-crashed',
      });
    }
    const waits = news.flatMap((one) => (one.type === 'crashed' ? [one.restartMs] : []));
    expect(waits).toEqual([100, 400, 1600, 6400]);
    await expect(engine.generate({ prompt: 'hello' }).admitted).rejects.toMatchObject({
      code: 'engine-crashed',
      retryable: true,
    });
    expect(await engine.models()).toMatchObject([{ state: 'loading', error: expect.stringContaining('SIGSEGV') }]);
    expect(news.filter(({ type }) => type === 'started')).toHaveLength(4);
  });

  it('refuses a request that was running at two crashes in a row, and restarts at once for others', async () => {
    await using context = await openIsolated();
    const { engine, news } = context;
    const hostile = () => engine.generate({ prompt: 'native crash' }, { owner: 'hog' }).result();
    for (let crash = 0; crash < 2; crash++) {
      // A request that waits for a slot, or has its answer, is not a suspect.
      const honest = engine.generate({ prompt: 'hello' }, { owner: 'fox' });
      await expect(hostile()).rejects.toMatchObject({ code: 'engine-crashed', retryable: true });
      await honest.result().catch(() => undefined);
    }
    for (let again = 0; again < 3; again++) {
      await expect(hostile()).rejects.toMatchObject({
        code: 'engine-crashed',
        retryable: false,
        message: expect.stringContaining('twice in a row'),
      });
    }
    await expect(engine.generate({ prompt: 'other' }, { owner: 'hog' }).result()).resolves.toMatchObject({
      finishReason: 'stop',
    });
    await expect(engine.generate({ prompt: 'still here' }, { owner: 'fox' }).result()).resolves.toMatchObject({
      finishReason: 'stop',
    });
    expect(news.flatMap((one) => (one.type === 'crashed' ? [one.restartMs] : []))).toEqual([100, 100]);
  });

  it('does not blame waiting requests for a crash while the models load', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headway-loading-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const diesLoadingWith = join(folder, 'broken');
    await using context = await openIsolated({ backend: faultyBackend({ diesLoadingWith }) });
    const { engine, news, pid } = context;
    await writeFile(diesLoadingWith, '');
    process.kill(pid(), 'SIGKILL');
    const waiting = () => engine.generate({ prompt: 'hello' }, { owner: 'fox' }).result();
    for (let again = 0; again < 3; again++)
      await expect(waiting()).rejects.toMatchObject({ code: 'engine-crashed', retryable: true });
    const waits = news.flatMap((one) => (one.type === 'crashed' ? [one.restartMs] : []));
    expect(waits).toEqual([100, 400, 1600, 6400].slice(0, waits.length));
    expect(waits.length).toBeGreaterThan(2);
  });

  it('refuses the requests of an owner who caused three crashes with different requests, and no other owner', async () => {
    await using context = await openIsolated();
    const { engine, news } = context;
    const hostile = (seed: number) => engine.generate({ prompt: 'native crash', seed }, { owner: 'hog' }).result();
    for (let seed = 0; seed < 3; seed++)
      await expect(hostile(seed)).rejects.toMatchObject({ code: 'engine-crashed', retryable: true });
    await expect(hostile(3)).rejects.toMatchObject({ message: expect.stringContaining('your requests') });
    await expect(engine.generate({ prompt: 'hello' }, { owner: 'fox' }).result()).resolves.toMatchObject({
      finishReason: 'stop',
    });
    expect(news.flatMap((one) => (one.type === 'crashed' ? [one.restartMs] : []))).toEqual([100, 400, 100]);
  });

  it('resets the restart delay after an answer', async () => {
    await using context = await openIsolated();
    const { engine, news } = context;
    for (const prompt of ['native crash', 'hello', 'native crash', 'hello']) {
      await engine
        .generate({ prompt })
        .result()
        .catch(() => undefined);
    }
    expect(news.flatMap((one) => (one.type === 'crashed' ? [one.restartMs] : []))).toEqual([100, 100]);
  });

  it('does not open, and names the reason, when its process crashes during the first loading', async () => {
    const pids: number[] = [];
    await expect(
      openIsolated({
        backend: faultyBackend({ diesLoading: true }),
        onProcess: (one) => void (one.type === 'started' && one.pid !== undefined && pids.push(one.pid)),
      }),
    ).rejects.toMatchObject({
      code: 'engine-crashed',
      message: expect.stringMatching(/^the engine crashed \(SIGSEGV\) while it loaded its models; check/),
    });
    expect(pids).toHaveLength(1);
    for (const pid of pids) await gone(pid);
  });

  it.each([
    ['options out of bounds', { parallel: 0 }, /^parallel: 0/],
    [
      'two models with the same id',
      { backend: [faultyBackend(), faultyBackend()] as const },
      /two models have the id "faulty"/,
    ],
    [
      'a module that does not exist',
      { backend: { module: 'file:///nowhere.js' } },
      /Cannot find module '\/nowhere\.js'/,
    ],
  ])('refuses %s', async (_what, options, message) => {
    await expect(openIsolated(options)).rejects.toMatchObject({
      name: 'HeadwayError',
      message: expect.stringMatching(message),
    });
  });

  it('ends running and queued generations with shutting-down on close, refuses new ones and leaves no process', async () => {
    const { engine, pid } = await openIsolated({ parallel: 1 });
    const running = engine.generate(endless);
    const waiting = engine.generate({ prompt: 'waits' });
    await Promise.all([running.admitted, waiting.admitted]);
    await Promise.all([engine.close(), engine.close()]);
    expect(isAlive(pid())).toBe(false);
    for (const generation of [running, waiting])
      await expect(generation.result()).rejects.toMatchObject({ code: 'shutting-down', retryable: true });
    await expect(engine.generate({ prompt: 'late' }).admitted).rejects.toMatchObject({ code: 'shutting-down' });
    await expect(engine.estimate({ prompt: 'late' })).rejects.toMatchObject({ code: 'shutting-down' });
    await expect(engine.ready()).rejects.toMatchObject({ code: 'shutting-down' });
  });

  it('ends held requests and does not restart when closed during a restart', async () => {
    const { engine, news } = await openIsolated();
    await expect(engine.generate({ prompt: 'exit' }).result()).rejects.toMatchObject({ code: 'engine-crashed' });
    const held = engine.generate({ prompt: 'early' });
    await held.admitted;
    await engine.close();
    await expect(held.result()).rejects.toMatchObject({ code: 'shutting-down' });
    expect(news.filter(({ type }) => type === 'started')).toHaveLength(1);
  });

  it.each([
    ['works', 'hello'],
    ['hangs in a native call', 'blocked loop'],
  ])('ends its process when the parent is killed, while the process %s', async (_what, prompt) => {
    const script = fileURLToPath(new URL('./isolated-parent.fixture.ts', import.meta.url));
    const parent = spawn(process.execPath, [...runTypeScript, script, prompt], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const child = Number(line);
    expect(isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await gone(child);
  });
});
