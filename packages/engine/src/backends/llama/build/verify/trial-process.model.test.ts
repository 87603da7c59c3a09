import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { storytellerPath } from '@headway/storyteller';
import { afterAll, expect, it } from 'vitest';

import { isAlive, runTypeScript } from '../../../../isolation/open-isolated.fixture.ts';
import { sampleBuild } from '../../binary/build.fixture.ts';
import { compareTexts } from './compare-texts.ts';
import type { WrittenStep } from './trial-messages.ts';
import { writeTrialModel } from './trial-model.ts';
import { TrialProcess } from './trial-process.ts';

const trialModel = join(tmpdir(), `headway-trial-${process.pid}.gguf`);
afterAll(() => rm(trialModel, { force: true }));

const signal = new AbortController().signal;
const open = { kind: 'open', binary: 'prebuilt', compute: 'cpu', threads: 2 } as const;

it('writes the same text twice, and times the model of random weights', async () => {
  const trial = new TrialProcess({ signal, execArgv: runTypeScript });
  await trial.ask({ ...open, model: storytellerPath });
  const write = { kind: 'write', prompt: 'Once upon a time', tokens: 12, threads: 1 } as const;
  const texts = [await trial.ask<WrittenStep[]>(write), await trial.ask<WrittenStep[]>({ ...write, threads: 2 })];
  expect(texts[0]).toHaveLength(12);
  expect(compareTexts(texts.slice(0, 1), texts.slice(1))).toMatchObject({ equal: 1, fault: null });
  // Greedy, and probabilities: each token is the likeliest of its step.
  expect(texts[0]?.every(({ token, top }) => top[0]?.[0] === token && (top[0]?.[1] ?? 0) <= 1)).toBe(true);

  await writeTrialModel(trialModel, { vocabulary: storytellerPath });
  await trial.ask({ ...open, model: trialModel });
  for (const work of ['decode', 'prefill'] as const)
    expect(await trial.ask<number>({ kind: 'time', work, threads: 1, tokens: 4 })).toBeGreaterThan(0);
  await trial[Symbol.asyncDispose]();
});

it('a build that does not load is an error, and the process ends with its owner', async () => {
  const trial = new TrialProcess({ signal, execArgv: runTypeScript });
  const binary = sampleBuild();
  await expect(trial.ask({ ...open, binary, model: storytellerPath })).rejects.toThrow(/builds\/cpu/);
  expect(isAlive(trial.pid)).toBe(true);
  await trial[Symbol.asyncDispose]();
  expect(isAlive(trial.pid)).toBe(false);
  await expect(trial.ask({ ...open, model: storytellerPath })).rejects.toThrow(/ended with SIGKILL/);
});
