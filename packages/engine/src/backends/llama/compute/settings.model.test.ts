import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { GenerateInput, ModelCompute, ModelInfo } from '@headway/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Backend } from '../../../backend/backend.ts';
import { createEngine } from '../../../create-engine.ts';
import type { Engine } from '../../../port/engine.ts';
import { embeddedBackend } from '../embedded-model.fixture.ts';
import { llama, type LlamaOptions } from '../llama.ts';
import { prose } from '../prose.fixture.ts';
import { slidingWindowModel } from '../untrained-models.fixture.ts';

const chat = (content: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
  messages: [{ role: 'user', content }],
  temperature: 0,
  maxTokens: 24,
  ignoreEos: true,
  ...rest,
});

const open = (options: Omit<LlamaOptions, 'model' | 'gpu'>) =>
  createEngine({ backend: embeddedBackend(options), parallel: 2, contextSize: 512 });

describe('a memory of q8_0', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open({ kvType: 'q8_0' });
  });
  afterAll(() => engine.close());

  it('writes a text, the same again, and `models` says what computes', async () => {
    const text = await engine.generate(chat('What is prefill?')).text();
    expect(text).toMatch(/[a-z]{3}/i);
    expect(await engine.generate(chat('What is prefill?')).text()).toBe(text);
    const [info] = await engine.models();
    expect(info?.compute).toEqual({
      keyType: 'q8_0',
      valueType: 'q8_0',
      flashAttention: true,
      batchSize: 512,
      gpuLayers: 0,
      layers: 7,
      locked: false,
    } satisfies ModelCompute);
    expect(info?.notices).toBeUndefined();
  });

  it('is copied for a second choice', async () => {
    const input = chat(`${prose(200, 1)}\nWhat did the fox read?`);
    const alone = await engine.generate(input).text();
    const { choices } = await engine.generate({ ...input, choices: 2 }).result();
    expect(choices.map(({ text }) => text)).toEqual([alone, alone]);
  });

  it('keeps a prefix for the next prompt, which gets the text of a first reading', async () => {
    const beginning = prose(220, 2);
    const next = chat(`${beginning}\nTell me a story about an owl.`);
    const first = await engine.generate(next).result();
    await engine.generate(chat(`${beginning}\nWhat is prefill?`)).result();
    const again = await engine.generate(next).result();
    expect(first.usage.cachedTokens).toBeLessThan(50);
    expect(again.usage.cachedTokens).toBeGreaterThan(150);
    expect(again.text).toBe(first.text);
  });

  it('is shifted when an answer outgrows the context', async () => {
    const input = chat('Tell me a story.', { maxTokens: 520, onContextFull: 'shift' });
    const { usage } = await engine.generate(input).result();
    expect(usage.completionTokens).toBe(520);
  });

  it('is checkpointed for a model with a sliding window', async () => {
    await using folder = await modelFolder();
    const model = join(folder.path, 'window.gguf');
    await writeFile(model, await slidingWindowModel({ headWidth: 32 }));
    await using windowed = await createEngine({
      backend: llama({ model, gpu: false, threads: 1, kvType: 'q8_0' }),
      parallel: 1,
      contextSize: 2048,
    });
    const turns = (last: string): GenerateInput => ({
      ...chat(''),
      messages: [
        { role: 'user', content: prose(600, 3) },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: last },
      ],
    });
    const first = await windowed.generate(turns('What is prefill?')).result();
    await windowed.generate(turns('Who reads?')).result();
    const again = await windowed.generate(turns('What is prefill?')).result();
    expect(again.usage.cachedTokens).toBeGreaterThan(300);
    expect(again.text).toBe(first.text);
  });

  it('is refused for heads that no block divides, before the weights are loaded', async () => {
    await using folder = await modelFolder();
    const model = join(folder.path, 'window.gguf');
    await writeFile(model, await slidingWindowModel());
    const opening = createEngine({ backend: llama({ model, gpu: false, kvType: 'q8_0' }), parallel: 1 });
    await expect(opening).rejects.toMatchObject({
      code: 'model-load-failed',
      message: "kvType: q8_0 packs 32 numbers, and the model's keys have 16; use --kv-type f16",
    });
  });
});

it('a model computes without flash attention, in batches of 64, with keys and values of two types', async () => {
  const kvType = { keys: 'q8_0', values: 'f16' } as const;
  const backend = embeddedBackend({ kvType, flashAttention: false, batchSize: 64 });
  let maxChunk = 0;
  const load: Backend['load'] = async (options) => {
    const loaded = await backend.load(options);
    maxChunk = loaded.maxChunk;
    return loaded;
  };
  await using engine = await createEngine({ backend: { ...backend, load }, parallel: 1, contextSize: 512 });
  expect(await engine.generate(chat(`${prose(200, 4)}\nWhat is prefill?`)).text()).toMatch(/[a-z]{3}/i);
  expect(maxChunk).toBe(64);
  const [info] = await engine.models();
  expect(info?.compute).toMatchObject({ keyType: 'q8_0', valueType: 'f16', flashAttention: false, batchSize: 64 });
});

it('what a model did not get is in its notices: layers on a GPU that is not there, and locked weights', async () => {
  await using engine = await open({ flashAttention: true, gpuLayers: 'max', mlock: true });
  const [info] = await engine.models();
  expect(info?.compute).toMatchObject({ flashAttention: true, gpuLayers: 0 });
  expect(info?.notices).toContainEqual(expect.stringMatching(/^no layer is on a GPU/));
  // This process may or may not have the right to lock; what is said must be true.
  const refused = info?.notices?.some((notice) => notice.startsWith('the weights are not locked'));
  expect(info?.compute?.locked).toBe(!refused);
});

const runTypeScript = ['--import', import.meta.resolve('tsx'), '--conditions=@headway/source'];

/** Opens the embedded model with `mlock` in a process that may lock this much, and says what became of it. */
async function lockedWithin(kilobytes: number) {
  // Root may lock without limit unless that right is taken away.
  const weaker = process.getuid?.() === 0 ? 'setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock' : '';
  const command = `ulimit -l ${kilobytes} && exec ${weaker} "$0" "$@"`;
  const script = fileURLToPath(new URL('./locked-model.fixture.ts', import.meta.url));
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, ...runTypeScript, script]);
  return JSON.parse(stdout) as ModelInfo;
}

it('weights that the system does not let be locked are reported, and the model runs', async () => {
  expect(await lockedWithin(64)).toMatchObject({
    state: 'ready',
    compute: { locked: false },
    notices: [expect.stringContaining('RLIMIT_MEMLOCK')],
  });
});

async function modelFolder() {
  const path = await mkdtemp(join(tmpdir(), 'headway-compute-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
