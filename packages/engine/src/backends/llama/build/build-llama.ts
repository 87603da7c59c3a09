import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';

import type { BuildCompute, BuildRecord, Here } from '../binary/build-record.ts';
import { buildsFolder, writeRecord, type Build } from '../binary/builds-folder.ts';
import type { Gpu } from '../binary/choose-build.ts';
import { findBuild } from '../binary/find-build.ts';
import { forgetRefused, noteRefused } from '../binary/refused-build.ts';
import { thisSystem } from '../binary/this-system.ts';
import { findCompute } from './source/find-compute.ts';
import { copySource, findLlamaSource, type LlamaSource } from './source/llama-source.ts';
import { takeLock } from './steps/build-lock.ts';
import { compileProgress } from './steps/compile-progress.ts';
import { compileArguments, configureArguments } from './steps/configure-arguments.ts';
import { findTools, type Tools } from './steps/find-tools.ts';
import { openStepRunner } from './steps/run-step.ts';
import { isFaster } from './verify/compare-speed.ts';
import { writeTrialModel } from './verify/trial-model.ts';
import { verifyBuild, type Verified } from './verify/verify-build.ts';

/** A step of `buildLlama`. `share`: how much of it is done, from 0 to 1; null when unknown. */
export interface BuildProgress {
  step: 'copy' | 'configure' | 'compile' | 'texts' | 'speed';
  share: number | null;
}

export interface BuildLlamaOptions {
  /** What to compute on. @default 'auto': what the prebuilt binary computes on here */
  gpu?: Gpu;
  /** Build again what is built already, and keep a build that is not faster. @default false */
  force?: boolean;
  /** Compilers that run at once. @default one a core */
  jobs?: number;
  /** A model in a GGUF file, for comparing texts. */
  textModel: string;
  /** A model to measure the speed with. @default one with random weights, 76 million */
  speedModel?: string | undefined;
  signal: AbortSignal;
  /** Node flags for the processes that verify. @default this process's */
  execArgv?: readonly string[];
  onProgress?: (progress: BuildProgress) => void;
}

export interface BuildResult extends Verified {
  /** The build; null if it was not kept. */
  build: Build | null;
  /** Why the build was not kept, phrased to follow "it"; null if it was. */
  refused: string | null;
  /** Whether it was there already. */
  existed: boolean;
  compute: BuildCompute;
}

/** Bytes that a build takes on the disk while it runs. */
const neededBytes: Record<BuildCompute, number> = { cpu: 6e8, metal: 6e8, vulkan: 1e9, cuda: 3e9 };

const workPrefix = '.work-';

const logOf = (folder: string) => join(folder, 'build.log');

/**
 * Compiles llama.cpp for this machine from the source that node-llama-cpp's package carries, and keeps the binary if it
 * writes what the prebuilt one writes, and is faster. Downloads nothing, and writes nothing outside of the folder of builds.
 *
 * @throws Error what is missing or failed, with the remedy; the signal's reason when it aborts, once every process that it
 * started has ended
 */
export async function buildLlama({
  gpu = 'auto',
  force = false,
  jobs = availableParallelism(),
  textModel,
  speedModel,
  signal,
  execArgv,
  onProgress,
}: BuildLlamaOptions): Promise<BuildResult> {
  const tools = await findTools();
  if (tools.fault !== null) throw new Error(tools.fault);
  const source = await findLlamaSource();
  const here = await thisSystem();
  const compute = await findCompute(gpu, tools);
  const folder = buildsFolder();
  await mkdir(folder, { recursive: true });
  const lock = await takeLock(join(folder, 'lock'));
  try {
    // What a build that was killed left.
    for (const name of await readdir(folder))
      if (name.startsWith(workPrefix)) await rm(join(folder, name), { recursive: true, force: true });
    const existing = await findBuild(compute);
    if (existing && !force) return { ...existed(existing), compute };
    await checkRoom(folder, compute);
    const work = await mkdtemp(join(folder, workPrefix));
    try {
      const built = await compile({ source, tools, here, compute, jobs, work, folder, signal, onProgress });
      const trialModel = join(work, 'trial.gguf');
      if (speedModel === undefined) await writeTrialModel(trialModel, { vocabulary: textModel });
      const verified = await verifyBuild(built, {
        textModel,
        speedModel: speedModel ?? trialModel,
        signal,
        execArgv,
        onProgress,
      }).catch((thrown: unknown) => {
        signal.throwIfAborted();
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        throw new Error(
          `the build was not kept: it does not run (${why}); the log of its compilation is ${logOf(folder)}`,
          {
            cause: thrown,
          },
        );
      });
      signal.throwIfAborted();
      const record = { ...built.record, gain: verified.gain };
      const refused = whyRefused(verified, { force });
      if (refused !== null) {
        if ((verified.texts?.fault ?? null) === null) await noteRefused(record);
        return { ...verified, build: null, refused, existed: false, compute };
      }
      await writeRecord({ folder: built.folder, record });
      const kept = join(folder, folderName(record));
      await rm(kept, { recursive: true, force: true });
      await rename(built.folder, kept);
      await forgetRefused(compute);
      return { ...verified, build: { folder: kept, record }, refused: null, existed: false, compute };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

/** Why a verified build is not kept, phrased to follow "it"; null if it is. */
export function whyRefused({ texts, gain }: Verified, { force }: { force: boolean }): string | null {
  const wrong = texts?.fault ?? null;
  if (wrong !== null) return `writes other texts than the prebuilt binary: ${wrong}`;
  if (gain === null || isFaster(gain) || force) return null;
  return `is not faster than the prebuilt binary here: ${gain.decode.toFixed(2)} times its speed at writing, ${gain.prefill.toFixed(2)} at reading`;
}

function existed(build: Build): Omit<BuildResult, 'compute'> {
  return { build, refused: null, existed: true, texts: null, gain: build.record.gain, prebuiltFault: null };
}

async function checkRoom(folder: string, compute: BuildCompute): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = neededBytes[compute];
  if (free >= needed) return;
  const inGb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(
    `a build takes ${inGb(needed)} of disk, and ${folder} has ${inGb(free)} left; free some, or choose another folder with XDG_CACHE_HOME`,
  );
}

interface CompileOptions {
  source: LlamaSource;
  tools: Tools;
  here: Here;
  compute: BuildCompute;
  jobs: number;
  work: string;
  folder: string;
  signal: AbortSignal;
  onProgress: BuildLlamaOptions['onProgress'];
}

/** Compiles, and collects what Node loads in one folder. */
async function compile({
  source,
  tools,
  here,
  compute,
  jobs,
  work,
  folder,
  signal,
  onProgress,
}: CompileOptions): Promise<Build> {
  const sources = join(work, 'source');
  const build = join(work, 'build');
  const runner = openStepRunner({ log: logOf(folder), signal });
  let openMp = false;
  try {
    onProgress?.({ step: 'copy', share: null });
    await copySource(source, sources, runner.run);
    onProgress?.({ step: 'configure', share: null });
    const { nodeHeaders } = source;
    const { platform, arch } = here;
    const { ninja } = tools;
    await runner.run(
      'cmake',
      configureArguments({ source: sources, build, nodeHeaders, compute, platform, arch, ninja }),
      { onLine: (line) => (openMp ||= /Found OpenMP(_CXX)?: (TRUE|-)/.test(line)) },
    );
    onProgress?.({ step: 'compile', share: 0 });
    await runner.run('cmake', compileArguments({ build, jobs }), {
      onLine(line) {
        const share = compileProgress(line);
        if (share !== null) onProgress?.({ step: 'compile', share });
      },
    });
  } finally {
    await runner[Symbol.asyncDispose]();
  }
  const result = join(work, 'result');
  const files = await collect(build, result);
  const addon = Object.keys(files).find((name) => name.endsWith('.node'));
  if (addon === undefined) throw new Error(`cmake made no addon; the log is ${logOf(folder)}`);
  const { llamaCpp } = source;
  const record: BuildRecord = {
    format: 1,
    llamaCpp,
    ...here,
    compute,
    openMp,
    builtAt: new Date().toISOString(),
    addon,
    files,
    gain: null,
  };
  return { folder: result, record };
}

/** Copies the libraries below `build` into one folder, and resolves with their names and sizes. */
async function collect(build: string, result: string): Promise<Record<string, number>> {
  await mkdir(result, { recursive: true });
  const files: Record<string, number> = {};
  for (const entry of await readdir(build, { recursive: true })) {
    if (entry.includes('CMakeFiles') || !/\.(node|so|dylib)(\.\d+)*$/.test(entry)) continue;
    const target = join(result, basename(entry));
    await cp(join(build, entry), target, { dereference: true });
    files[basename(entry)] = (await stat(target)).size;
  }
  return files;
}

/** The name of a build's folder: all that decides whether it can be used. */
function folderName({ llamaCpp, nodeLlamaCpp, platform, arch, libc, compute, cpu }: BuildRecord): string {
  const hash = createHash('sha256').update(JSON.stringify(cpu)).digest('hex').slice(0, 8);
  return [llamaCpp, nodeLlamaCpp, platform, arch, libc, compute, hash].filter(Boolean).join('-');
}
