import { HeadwayError } from '@headway/protocol';
import { describe, expect, it } from 'vitest';

import type { FlagCandidate } from './flag-candidates.ts';
import { measureFlags, type TrialModel } from './measure-flags.ts';

const threads = { decode: 1, prefill: 1 };
const candidates: FlagCandidate[] = [
  { flags: '--kv-type q8_0', settings: { threads, kvType: 'q8_0' } },
  { flags: '--batch-size 128', settings: { threads, batchSize: 128 } },
];

/** A machine whose slices take 100 ms, and whose speed falls by 1% with each. `factors`: speeds of the candidates. */
function machine(factors: Record<string, number> = {}) {
  let time = 0;
  let speed = 1000;
  const open = new Set<string>();
  const order: string[] = [];
  const model = (name: string, factor: number): TrialModel => {
    open.add(name);
    return {
      slice: async () => {
        order.push(name);
        time += 100;
        speed *= 0.99;
        return { prefill: speed * factor, decode: (speed / 10) * factor };
      },
      close: async () => void open.delete(name),
    };
  };
  const measure = (budgetMs: number, signal = new AbortController().signal, onTrial = () => undefined as void) =>
    measureFlags({
      base: model('base', 1),
      candidates,
      budgetMs,
      open: async ({ kvType }) => {
        time += 500;
        const name = kvType === undefined ? 'batch' : 'kv';
        if (factors[name] === 0) throw new HeadwayError('engine-crashed', 'the engine crashed (SIGSEGV)');
        return model(name, factors[name] ?? 1);
      },
      signal,
      onTrial,
      now: () => time,
    });
  return { measure, open, order, time: () => time };
}

describe('the trials of flags', () => {
  it('compare adjacent slices, so that a machine that slows down changes no ratio', async () => {
    const { measure, open } = machine({ kv: 0.9, batch: 1.2 });
    const [kv, batch] = await measure(60_000);
    expect(kv).toMatchObject({ flags: '--kv-type q8_0', pairs: 12, problem: null });
    expect(kv?.speed?.prefill.median).toBeCloseTo(0.9, 1);
    expect(kv?.speed?.decode.median).toBeCloseTo(0.9, 1);
    expect(batch?.speed?.prefill.median).toBeCloseTo(1.2, 1);
    expect([...open]).toEqual(['base']);
  });

  it('alternate which of the two comes first', async () => {
    const { measure, order } = machine();
    await measure(60_000);
    expect(order.slice(1, 9)).toEqual(['base', 'kv', 'kv', 'base', 'base', 'kv', 'kv', 'base']);
  });

  it('share the time, and finish what is begun', async () => {
    const { measure, time } = machine();
    const trials = await measure(5000);
    expect(trials.map(({ pairs }) => pairs)).toEqual([10, 9]);
    expect(time()).toBeLessThanOrEqual(5200);
  });

  it('take enough for a measure from those behind, which then are not measured', async () => {
    const { measure } = machine();
    const [kv, batch] = await measure(1900);
    expect(kv).toMatchObject({ pairs: 6 });
    expect(kv?.speed).not.toBeNull();
    expect(batch).toMatchObject({ speed: null, problem: null });
  });

  it('report flags that a model does not run with, and go on', async () => {
    const { measure, open } = machine({ kv: 0 });
    const [kv, batch] = await measure(60_000);
    expect(kv).toMatchObject({ speed: null, problem: 'the engine crashed (SIGSEGV)' });
    expect(batch?.speed).not.toBeNull();
    expect([...open]).toEqual(['base']);
  });

  it('stop when the signal aborts', async () => {
    const stop = new AbortController();
    const { measure } = machine();
    const trials = measure(60_000, stop.signal, () => stop.abort(new Error('stopped')));
    await expect(trials).rejects.toThrow('stopped');
  });
});
