import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { withProgress, type Generation, type GenerationEvent, type TokenEvent } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';

import { describeBackend } from '../backend/backend-contract.suite.ts';
import { faultyBackend, isAlive, openIsolated, runTypeScript } from './open-isolated.fixture.ts';

// Starting a process with TypeScript in it takes its time, more so on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

async function collect(
  events: AsyncIterable<GenerationEvent>,
  onToken: (event: TokenEvent) => void = () => undefined,
): Promise<GenerationEvent[]> {
  const all: GenerationEvent[] = [];
  for await (const event of events) {
    all.push(event);
    if (event.type === 'token') onToken(event);
  }
  return all;
}

test('the issues of a refusal cross from the process', async () => {
  await using context = await openIsolated({ parallel: 1 });
  const asked = { prompt: 'x', choices: 3 };
  const issue = { path: ['choices'], message: expect.any(String) as string, expected: 'at most 1' };
  await expect(context.engine.estimate(asked)).rejects.toMatchObject({ code: 'invalid-request', issues: [issue] });
  expect(await collect(context.engine.generate(asked))).toMatchObject([{ type: 'error', issues: [issue] }]);
});

const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);

/** Endless, so that it runs until something ends it. */
const endless = { prompt: 'go on and on', ignoreEos: true };

describeBackend('scripted, in a process of its own', {
  open: async () => (await openIsolated({ parallel: 2, backend: faultyBackend({ fast: true }) })).engine,
  text: (tokens, seed) => `w${seed} `.repeat(tokens).trim(),
  lateEvents: 4,
});

describe('an engine in a process of its own', () => {
  it('reports to the hook of the caller, in the context of the caller', async () => {
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

  it('that is killed ends every stream in one error, at the right place, and is back', async () => {
    await using context = await openIsolated({ parallel: 2 });
    const { engine, pid } = context;
    const first = pid();
    const streams = [1, 2, 3].map((seed) => engine.generate({ ...endless, seed }));
    let written = 0;
    const kill = () => void (++written === 20 && process.kill(first, 'SIGKILL'));
    const all = await Promise.all(streams.map((stream) => collect(stream, kill)));
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
    // The third was waiting for a slot.
    expect(all.map((events) => events.some(({ type }) => type === 'token'))).toEqual([true, true, false]);
    expect(await engine.generate({ prompt: 'and now' }).result()).toMatchObject({ finishReason: 'stop' });
    expect(pid()).not.toBe(first);
    expect(await engine.activity()).toMatchObject({
      slots: { total: 2, busy: 0 },
      queued: 0,
      process: { restarts: 1, lastCrash: expect.stringContaining('SIGKILL') },
    });
  });

  it('that is killed ends each choice that was open, and no other', async () => {
    await using context = await openIsolated({ parallel: 2 });
    const { engine, pid } = context;
    const events = await collect(engine.generate({ ...endless, choices: 2 }), (event) => {
      if (event.index === 1 && event.completionTokens === 5) process.kill(pid(), 'SIGKILL');
    });
    expect(invariantViolations(events)).toEqual([]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'engine-crashed', index: 0, remaining: 1 },
      { type: 'error', code: 'engine-crashed', index: 1, remaining: 0 },
    ]);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(2);
  });

  it.each([
    ['native crash', 'crashed (SIGSEGV)', {}],
    // It does not answer while it collects garbage for the last time, for seconds on a busy machine.
    ['out of memory', 'ran out of memory', {}],
    ['blocked loop', 'did not answer any more and was ended', { beatMs: 50, silentMs: 2000 }],
    ['stall', 'got no further with its work and was ended', { beatMs: 50, stuckMs: 2000 }],
    ['exit', 'ended by itself (exit code 3: the disk is on fire)', {}],
  ])('says what happened: %s', async (prompt, reason, pulse) => {
    await using context = await openIsolated({ execArgv: [...runTypeScript, '--max-old-space-size=64'], pulse });
    const { engine, news } = context;
    const events = await collect(engine.generate({ prompt }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ code: 'engine-crashed', message: expect.stringContaining(reason) });
    expect(news).toContainEqual(expect.objectContaining({ type: 'crashed', reason }));
    await expect(engine.generate({ prompt: 'and now' }).result()).resolves.toMatchObject({ finishReason: 'stop' });
  });

  it('tells those who come while it is away that it loads, and then answers them', async () => {
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
      { id: 'faulty', state: 'loading', error: 'the engine crashed (SIGSEGV); it is being started again' },
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
    // The wait counts: the process was only started after it.
    expect(end.timings.queuedMs).toBeGreaterThan(100);
    expect(await engine.models()).toMatchObject([{ state: 'ready' }]);
    await engine.ready();
  });

  it('says of one that hangs, before it is given up, that it does not answer', async () => {
    await using context = await openIsolated();
    const { engine, pid } = context;
    const running = engine.generate(endless);
    await running.admitted;
    process.kill(pid(), 'SIGSTOP');
    expect(await engine.models()).toMatchObject([{ state: 'loading', error: 'the engine does not answer' }]);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 1 }, process: { restarts: 0 } });
    process.kill(pid(), 'SIGCONT');
    await expect.poll(() => engine.models(), { timeout: 10_000 }).toMatchObject([{ state: 'ready' }]);
    await running.cancel();
    await expect(running.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
  });

  it('ends by their names those who wait for it, and refuses what nobody can answer when it is back', async () => {
    await using context = await openIsolated({ maxQueue: 3 });
    const { engine } = context;
    await expect(engine.generate({ prompt: 'exit' }).result()).rejects.toMatchObject({ code: 'engine-crashed' });
    const [cancelled, abandoned, unknown] = [{}, {}, { model: 'nobody' }].map((rest) =>
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

  it('that crashes again and again is started after longer waits, and refuses meanwhile', async () => {
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

  it('does not run a request again that was at work at two crashes in a row, and is back at once for others', async () => {
    await using context = await openIsolated();
    const { engine, news } = context;
    const hostile = () => engine.generate({ prompt: 'native crash' }, { owner: 'hog' }).result();
    for (let crash = 0; crash < 2; crash++) {
      // Who waits for a slot, or has been answered, has nothing to do with it.
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

  it('that dies while it loads lays that to nobody who waits for it', async () => {
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

  it("holds one owner back whose requests crash it in ever other words, and nobody else's", async () => {
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

  it('takes an answer for a sign of health', async () => {
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

  it('that dies while it loads for the first time does not open, and says why', async () => {
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
      'two models of one name',
      { backend: [faultyBackend(), faultyBackend()] as const },
      /two models are called "faulty"/,
    ],
    ['a module that is not there', { backend: { module: 'file:///nowhere.js' } }, /Cannot find module '\/nowhere\.js'/],
  ])('refuses %s', async (_what, options, message) => {
    await expect(openIsolated(options)).rejects.toMatchObject({
      name: 'HeadwayError',
      message: expect.stringMatching(message),
    });
  });

  it('that is closed ends what runs with shutting-down, takes nothing more and leaves no process', async () => {
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

  it('that is closed while it is away ends who waits, and is not started again', async () => {
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
  ])('dies with its parent, also while it %s', async (_what, prompt) => {
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
