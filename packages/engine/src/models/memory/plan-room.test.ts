import fc from 'fast-check';
import { expect, test } from 'vitest';

import { planRoom, type ModelUse } from './plan-room.ts';

const use = (id: string, bytes: number, state: ModelUse['state'], lastUsed = 0): ModelUse => ({
  id,
  bytes,
  state,
  lastUsed,
});

test('what fits beside the others lets none of them leave', () => {
  const models = [use('a', 3, 'idle'), use('b', 3, 'busy')];
  expect(planRoom({ limit: 10, need: 4, models })).toEqual({ fits: true, unload: [], await: [] });
});

test('the least recently used idle model leaves first, and no more than necessary', () => {
  const models = [use('a', 3, 'idle', 30), use('b', 3, 'idle', 10), use('c', 3, 'idle', 20)];
  expect(planRoom({ limit: 10, need: 4, models })).toEqual({ fits: false, unload: ['b'], await: [] });
  expect(planRoom({ limit: 10, need: 5, models })).toEqual({ fits: false, unload: ['b', 'c'], await: [] });
});

test('an older model stays when a later one alone makes the room', () => {
  const models = [use('small', 1, 'idle', 10), use('large', 6, 'idle', 20)];
  expect(planRoom({ limit: 10, need: 6, models })).toEqual({ fits: false, unload: ['large'], await: [] });
});

test('a model that works is not unloaded but waited for, after all idle ones', () => {
  const models = [use('works', 6, 'busy', 10), use('idle', 3, 'idle', 20)];
  expect(planRoom({ limit: 10, need: 4, models })).toEqual({ fits: false, unload: ['idle'], await: [] });
  expect(planRoom({ limit: 10, need: 5, models })).toEqual({ fits: false, unload: [], await: ['works'] });
  expect(planRoom({ limit: 10, need: 8, models })).toEqual({ fits: false, unload: ['idle'], await: ['works'] });
});

test('a model that loads comes last of all', () => {
  const models = [use('loads', 5, 'loading', 10), use('works', 5, 'busy', 20)];
  expect(planRoom({ limit: 10, need: 5, models })).toMatchObject({ await: ['works'] });
  expect(planRoom({ limit: 10, need: 6, models })).toMatchObject({ await: ['works', 'loads'] });
});

test('what leaves takes its memory until it is gone, and then nobody else has to go', () => {
  const models = [use('leaves', 6, 'leaving'), use('idle', 4, 'idle')];
  expect(planRoom({ limit: 10, need: 6, models })).toEqual({ fits: false, unload: [], await: [] });
  expect(planRoom({ limit: 10, need: 7, models })).toEqual({ fits: false, unload: ['idle'], await: [] });
});

test('idle models leave when all together grew beyond the limit', () => {
  const models = [use('a', 6, 'idle', 10), use('b', 6, 'idle', 20)];
  expect(planRoom({ limit: 10, need: 0, models })).toEqual({ fits: false, unload: ['a'], await: [] });
});

test('a plan makes enough room, without any model that it could spare', () => {
  const models = fc.array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 50 }),
      state: fc.constantFrom('idle', 'busy', 'loading', 'leaving'),
      lastUsed: fc.nat(100),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(models, fc.integer({ min: 50, max: 100 }), fc.integer({ min: 0, max: 50 }), (all, limit, need) => {
      const uses = all.map((one, at) => ({ ...one, id: String(at) }));
      const plan = planRoom({ limit, need, models: uses });
      const gone = [...plan.unload, ...plan.await];
      const after = (without: readonly string[]) =>
        uses
          .filter(({ id, state }) => state !== 'leaving' && !without.includes(id))
          .reduce((sum, { bytes }) => sum + bytes, need);
      expect(after(gone)).toBeLessThanOrEqual(limit);
      for (const id of gone) expect(after(gone.filter((other) => other !== id))).toBeGreaterThan(limit);
      const stateOf = (id: string) => uses[Number(id)]?.state;
      expect(plan.unload.every((id) => stateOf(id) === 'idle')).toBe(true);
      expect(plan.await.every((id) => stateOf(id) === 'busy' || stateOf(id) === 'loading')).toBe(true);
    }),
  );
});
