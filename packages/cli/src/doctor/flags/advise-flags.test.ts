import { expect, test } from 'vitest';

import { flagFinding } from './advise-flags.ts';
import { fit } from './open-trial-model.ts';

const speed = { prefill: { median: 1.12, low: 1.08, high: 1.15 }, decode: { median: 0.99, low: 0.97, high: 1.01 } };

test('a flag that was measured is judged with its figures', () => {
  const trial = { flags: '--flash-attn on', speed, problem: null, memory: 0.4, verdict: 'pays' } as const;
  expect(flagFinding(trial, 60)).toEqual({
    state: 'ok',
    what: '--flash-attn on pays here: reads 1.12 × (1.08 to 1.15), writes 0.99 × (0.97 to 1.01), memory of a slot 0.40 ×',
  });
});

test('figures from a busy machine are shown with a warning and no advice', () => {
  const trial = { flags: '--threads 2', speed, problem: null, memory: 1, verdict: 'noisy' } as const;
  expect(flagFinding(trial, 60)).toMatchObject({
    state: 'warning',
    what: expect.stringMatching(/^--threads 2 was measured on too busy a machine to tell: reads 1\.12 ×/) as string,
    remedy: 'stop other programs, and try again',
  });
});

test('a flag that was not measured gets no advice', () => {
  const trial = { flags: '--kv-type q4_0', speed: null, problem: null, memory: 0.4, verdict: null };
  expect(flagFinding(trial, 60)).toMatchObject({ state: 'warning', remedy: 'give more time: --advise 180' });
  expect(flagFinding({ ...trial, problem: 'the engine crashed' }, 60)).toMatchObject({
    state: 'warning',
    what: '--kv-type q4_0 could not be tried with this model: the engine crashed',
  });
});

test('a slice is as long as the model is fast, within bounds', () => {
  expect(fit({ prefill: 1000, decode: 50 })).toEqual({ read: 250, write: 13 });
  expect(fit({ prefill: 1e6, decode: 1e6 })).toEqual({ read: 512, write: 48 });
  expect(fit({ prefill: 1, decode: 0.5 })).toEqual({ read: 64, write: 8 });
});
