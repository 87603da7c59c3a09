import { AsyncLocalStorage } from 'node:async_hooks';

import { withProgress, type ProgressSnapshot } from '@headway/protocol';
import { describe, expect, it, vi } from 'vitest';

import { scripted, type ScriptedOptions } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';
import { createEngine } from './create-engine.ts';

const everything = { everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY };

async function open(options: Omit<ScriptedOptions, 'clock'> = {}, parallel = 4) {
  const clock = createVirtualClock({ auto: true });
  return {
    clock,
    engine: await createEngine({ backend: scripted({ clock, ...options }), clock, parallel, maxQueue: 100 }),
  };
}

describe('withProgress', () => {
  it('reports every phase of a generation inside its scope, with one final call at the end', async () => {
    await using engine = (await open({ script: { reply: 'one two three' } })).engine;
    const seen: ProgressSnapshot[] = [];
    const text = await withProgress(
      (snapshot) => seen.push(snapshot),
      () => engine.generate({ prompt: 'w '.repeat(300).trim() }).text(),
      {
        ...everything,
        captureText: true,
      },
    );
    expect(text).toBe('one two three');
    expect(seen.map(({ phase, prompt }) => (phase === 'prefill' ? prompt?.processed : phase))).toEqual([
      0,
      43,
      107,
      171,
      235,
      300,
      'decode',
      'decode',
      'decode',
      'ended',
    ]);
    expect(seen.at(-1)).toMatchObject({
      isFinal: true,
      outcome: 'stop',
      completionTokens: 3,
      text: 'one two three',
      prompt: { processed: 300, total: 300 },
    });
    expect(seen.filter(({ isFinal }) => isFinal)).toHaveLength(1);
  });

  it('does not report a generation outside its scope, or one of a nested scope', async () => {
    await using engine = (await open()).engine;
    const outer = vi.fn();
    const inner = vi.fn();
    await withProgress(outer, async () => {
      await withProgress(inner, () => engine.generate({ prompt: 'inner' }).result());
    });
    await engine.generate({ prompt: 'outside' }).result();
    expect(outer).not.toHaveBeenCalled();
    expect(inner).toHaveBeenCalled();
  });

  it('keeps 100 concurrent generations apart, each in its own scope, across helpers and timers', async () => {
    const { engine, clock } = await open({ script: { decodeTokensPerSecond: 500 } }, 8);
    const helper = async (prompt: string, delay: number) => {
      await clock.sleep(delay);
      await new Promise((resolve) => setImmediate(resolve));
      return engine.generate({ prompt }).result();
    };
    const runs = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        const total = 20 + at * 7;
        const snapshots: ProgressSnapshot[] = [];
        const result = await withProgress(
          (snapshot) => snapshots.push(snapshot),
          () => helper(`${at}. `.repeat(total).trim(), (at * 37) % 101),
          everything,
        );
        return { total, snapshots, result };
      }),
    );
    for (const { total, snapshots, result } of runs) {
      expect(new Set(snapshots.map(({ id }) => id))).toEqual(new Set([result.id]));
      expect(new Set(snapshots.map(({ prompt }) => prompt?.total))).toEqual(new Set([total]));
      expect(snapshots.filter(({ isFinal }) => isFinal)).toEqual([snapshots.at(-1)]);
      expect(snapshots.at(-1)).toMatchObject({ completionTokens: result.usage.completionTokens, outcome: 'stop' });
    }
    await engine.close();
  });

  it("calls the hook in the caller's async context", async () => {
    await using engine = (await open()).engine;
    const store = new AsyncLocalStorage<string>();
    const names: (string | undefined)[] = [];
    await Promise.all(
      ['a', 'b'].map((name) =>
        store.run(name, () =>
          withProgress(
            () => names.push(store.getStore()),
            () => engine.generate({ prompt: name }).result(),
            { everyMs: 1e9, everyTokens: 1e9 },
          ),
        ),
      ),
    );
    expect(names.filter((name) => name === 'a')).toHaveLength(2);
    expect(names.filter((name) => name === 'b')).toHaveLength(2);
  });

  it('warns once when a hook throws, and the generation goes on', async () => {
    await using engine = (await open()).engine;
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const hook = () => {
      throw new Error('a broken bar');
    };
    await expect(
      withProgress(hook, () => engine.generate({ prompt: 'hello there' }).result(), everything),
    ).resolves.toMatchObject({ finishReason: 'stop' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([expect.stringMatching(/a progress hook threw.*a broken bar/)]);
  });

  it('rejects the result with the error that a strict hook throws', async () => {
    await using engine = (await open()).engine;
    const broken = new Error('a broken bar');
    const hook = (snapshot: ProgressSnapshot) => {
      if (snapshot.isFinal) throw broken;
    };
    const generation = withProgress(hook, () => engine.generate({ prompt: 'hello' }), { strict: true });
    await expect(generation.result()).rejects.toBe(broken);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it('calls stop() of a target once, with the outcome, after an error and after a cancel', async () => {
    const { engine } = await open({
      script: ({ prompt }) =>
        prompt === 'fail'
          ? { fault: { phase: 'decode', afterTokens: 0, does: 'fail' } }
          : { fault: { phase: 'decode', afterTokens: 2, does: 'stall' } },
    });
    const bar = { update: vi.fn(), stop: vi.fn() };
    await withProgress(bar, () => engine.generate({ prompt: 'fail' }).result()).catch(() => undefined);
    expect(bar.stop).toHaveBeenCalledTimes(1);
    expect(bar.stop).toHaveBeenLastCalledWith(expect.objectContaining({ isFinal: true, outcome: 'internal' }));
    await withProgress(bar, async () => {
      const generation = engine.generate({ prompt: 'stall' });
      await generation.admitted;
      await generation.cancel();
    });
    expect(bar.stop).toHaveBeenCalledTimes(2);
    expect(bar.stop).toHaveBeenLastCalledWith(expect.objectContaining({ outcome: 'cancelled' }));
    await engine.close();
  });

  it('throws for a target of unknown shape', () => {
    expect(() => withProgress({} as never, () => 1)).toThrow(/pass a function/);
  });
});
