import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { storytellerPath } from '@headway/storyteller';
import { getLlama, Llama, LlamaLogLevel } from 'node-llama-cpp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import { llama } from '../llama.ts';
import type { BuildRecord } from './build-record.ts';
import { buildsFolder, recordFile } from './builds-folder.ts';
import { openBuild } from './open-build.ts';
import { openLlama } from './open-llama.ts';
import { nodeLlamaCppFolder, thisSystem } from './this-system.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'headway-builds-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.stubEnv('HEADWAY_PREBUILT', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** The prebuilt binary in the place of a build: it loads as one, in a file of its own. */
async function placeBuild(change: Partial<BuildRecord> = {}) {
  const folder = join(buildsFolder(), 'sample');
  const here = await thisSystem();
  const name = `${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`;
  const packages = createRequire(join(nodeLlamaCppFolder(), 'package.json'));
  const prebuilt = join(dirname(dirname(packages.resolve(`@node-llama-cpp/${name}`))), 'bins', name);
  await cp(prebuilt, folder, { recursive: true, dereference: true });
  const files: Record<string, number> = {};
  for (const file of await readdir(folder)) files[file] = (await stat(join(folder, file))).size;
  const record: BuildRecord = {
    format: 1,
    llamaCpp: 'v0',
    ...here,
    compute: 'cpu',
    openMp: false,
    builtAt: '2026-11-29T12:00:00.000Z',
    addon: 'llama-addon.node',
    files,
    gain: null,
    ...change,
  };
  await writeFile(join(folder, recordFile), JSON.stringify(record));
  return { folder, record };
}

async function openModel(options: Partial<Parameters<typeof llama>[0]> = {}) {
  const backend = llama({ model: storytellerPath, gpu: 'auto', threads: 1, ...options });
  const engine = await createEngine({ backend, parallel: 1, contextSize: 256 });
  const [info] = await engine.models();
  const text = await engine.generate({ prompt: 'Once upon a time', maxTokens: 8, temperature: 0 }).text();
  await engine.close();
  return { binary: info?.binary, notices: info?.notices ?? [], text };
}

it('node-llama-cpp opens a binary from another folder as it opens its own', async () => {
  // The private interface: this fails when a version of node-llama-cpp changes it.
  expect((Llama as unknown as { _create?: unknown })._create).toBeTypeOf('function');
  const theirs = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
  const ours = await openBuild(await placeBuild(), { logger: () => undefined });
  expect({ gpu: ours.gpu, cores: ours.cpuMathCores, info: ours.systemInfo }).toEqual({
    gpu: theirs.gpu,
    cores: theirs.cpuMathCores,
    info: theirs.systemInfo,
  });
  expect(ours.buildType).toBe('localBuild');
  expect({ ram: ours.ramPaddingSize, vram: ours.vramPaddingSize, threads: ours.maxThreads }).toEqual({
    ram: theirs.ramPaddingSize,
    vram: theirs.vramPaddingSize,
    threads: theirs.maxThreads,
  });
  await Promise.all([ours.dispose(), theirs.dispose()]);
});

it('a model runs on the build of this machine, and on the prebuilt binary if asked', async () => {
  await placeBuild();
  const built = await openModel();
  expect(built).toMatchObject({ binary: 'built', notices: [] });
  vi.stubEnv('HEADWAY_PREBUILT', '1');
  expect(await openModel()).toEqual({ ...built, binary: 'prebuilt' });
  expect((await openModel({ binary: 'auto' })).binary).toBe('built');
});

it('a build that cannot be used leaves the prebuilt binary and one notice', async () => {
  const { folder, record } = await placeBuild({ cpu: { model: 'another', features: [] } });
  const tryOpening = async () => {
    const { instance, binary, notice } = await openLlama({ gpu: 'auto', binary: 'auto', logger: () => undefined });
    await instance.dispose();
    return { binary, notice };
  };
  const fallback = (why: RegExp) => ({ binary: 'prebuilt', notice: expect.stringMatching(why) });
  expect(await tryOpening()).toEqual(fallback(/is not used: it is for the CPU another/));

  const change = (changed: Partial<BuildRecord>) =>
    writeFile(join(folder, recordFile), JSON.stringify({ ...record, cpu, ...changed }));
  const { cpu } = await thisSystem();
  await change({});
  expect(await tryOpening()).toEqual({ binary: 'built', notice: null });

  await change({ files: { ...record.files, 'libmore.so': 1 } });
  expect(await tryOpening()).toEqual(fallback(/does not load \(its file libmore.so is missing or was changed\)/));

  await writeFile(join(folder, 'text.node'), 'no library');
  await change({ addon: 'text.node' });
  expect(await tryOpening()).toEqual(fallback(/does not load \(.*; run headway build --force/));
});
