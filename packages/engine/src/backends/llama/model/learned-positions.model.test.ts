import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import type { Engine } from '../../../port/engine.ts';
import { llama } from '../llama.ts';
import { learnedPositionsModel } from '../untrained-models.fixture.ts';

describe.each([128, 1024])('a model of %i learned positions and a larger --ctx', (positions) => {
  let folder: string;
  let engine: Engine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headway-positions-'));
    const model = join(folder, 'gpt2.gguf');
    await writeFile(model, await learnedPositionsModel(positions));
    // Here the engine also measures threads, in a context of their own.
    engine = await createEngine({ backend: llama({ model, gpu: false }), parallel: 2, contextSize: 2 * positions });
    await engine.ready();
  });
  afterAll(async () => {
    await engine?.close();
    await rm(folder, { recursive: true });
  });

  it('opens a context of that many tokens and reports it', async () => {
    const [info] = await engine.models();
    expect(info).toMatchObject({ contextSize: positions, state: 'ready' });
    expect(info?.notices).toEqual([expect.stringMatching(/only [\d,]+ positions; use --ctx/)]);
  });

  it('refuses a longer prompt', async () => {
    const answer = engine.generate({ prompt: 'hello '.repeat(2 * positions), maxTokens: 3 });
    await expect(answer.result()).rejects.toMatchObject({ code: 'context-overflow' });
  });

  it('fills its context and writes beyond it, in two slots at once', async () => {
    const answers = ['Once upon a time', 'A fox'].map((prompt) =>
      engine
        .generate({ prompt, maxTokens: positions + 60, onContextFull: 'shift', ignoreEos: true, temperature: 0 })
        .result(),
    );
    // An untrained model also writes tokens without text, which are not counted.
    for (const { usage, finishReason } of await Promise.all(answers)) {
      expect(finishReason).toBe('length');
      expect(usage.promptTokens + usage.completionTokens).toBeGreaterThan(positions * 0.9);
    }
    const again = await engine.generate({ prompt: 'hello', maxTokens: 3, ignoreEos: true, temperature: 0 }).result();
    expect(again.finishReason).toBe('length');
  });
});
