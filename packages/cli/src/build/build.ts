import {
  buildComputes,
  buildLlama,
  buildsFolder,
  describeModelFile,
  findBuild,
  forgetRefused,
  listBuilds,
  measureBuild,
  removeBuild,
  resolveModel,
  type Build,
  type BuildProgress,
} from '@headway/engine';
import { abortable, formatBytes } from '@headway/protocol';

import { embeddedModel } from '../models/embedded-model.ts';
import { findModel } from '../models/find-model.ts';
import { untilSignalled } from '../process/until-signalled.ts';
import { count } from '../terminal/count.ts';
import { formatTable } from '../terminal/format-table.ts';
import { createBuildBar } from './build-bar.ts';
import { gainWords, resultLines } from './build-lines.ts';

export interface BuildOptions {
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | 'false';
  jobs?: number;
  force?: boolean;
  /** A model to measure the speed with. */
  model?: string;
  measure?: boolean;
  list?: boolean;
  remove?: boolean;
}

/** Runs `headway build`. */
export async function build({ list, remove, measure, ...options }: BuildOptions): Promise<void> {
  if (list) return print(tableOf(await listBuilds()));
  if (remove) return print(await removeAll());
  await untilSignalled(async (signal) => {
    const bar = createBuildBar();
    try {
      const run = measure ? measureAgain : buildOne;
      print(await run(options, { signal, onProgress: bar.update, onEnd: bar.stop }));
    } finally {
      bar.stop();
    }
  });
}

interface Running {
  signal: AbortSignal;
  onProgress: (progress: BuildProgress) => void;
  onEnd: () => void;
}

async function buildOne(options: BuildOptions, { onEnd, ...running }: Running): Promise<string> {
  const { gpu, jobs, force, model } = options;
  const speedModel = await checkedModel(model, running.signal);
  const began = performance.now();
  const result = await buildLlama({
    ...running,
    gpu: gpu === 'false' ? false : gpu,
    jobs,
    force,
    textModel: embeddedModel(),
    speedModel,
  }).finally(onEnd);
  const { refused, texts } = result;
  if (refused !== null) {
    const remedy = texts?.fault === null ? '; --force keeps it, and --model measures with a model of yours' : '';
    throw new Error(`the build was not kept: it ${refused}${remedy}`);
  }
  return resultLines(result, { tookMs: performance.now() - began });
}

/** The path of the model to measure with. Its file is read before anything else, and not downloaded. */
async function checkedModel(model: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (model === undefined) return undefined;
  const path = await abortable(resolveModel(findModel(model), { download: false, signal }), signal);
  await describeModelFile(path);
  return path;
}

async function measureAgain({ gpu, model }: BuildOptions, { onEnd, ...running }: Running): Promise<string> {
  const [newest] = await listBuilds();
  const compute = gpu === 'auto' ? newest?.record.compute : gpu === 'false' ? 'cpu' : gpu;
  const found = compute && (await findBuild(compute));
  if (!found) throw new Error('there is no build that this machine can use; run headway build');
  const speedModel = await checkedModel(model, running.signal);
  const { texts, gain, prebuiltFault } = await measureBuild(found, {
    ...running,
    textModel: embeddedModel(),
    speedModel,
  }).finally(onEnd);
  const wrong = texts?.fault ?? null;
  if (wrong !== null)
    throw new Error(`the build writes other texts than the prebuilt binary: ${wrong}; build again with --force`);
  return gain
    ? `${gainWords(gain)} (${found.folder})\n`
    : `The prebuilt binary does not run here: ${prebuiltFault ?? ''}\n`;
}

function tableOf(builds: readonly Build[]): string {
  if (builds.length === 0) return `no builds in ${buildsFolder()}\n`;
  const rows = builds.map(({ folder, record }) => [
    record.builtAt.slice(0, 10),
    record.llamaCpp,
    record.compute,
    record.cpu.model,
    record.gain ? `${record.gain.decode.toFixed(2)} × / ${record.gain.prefill.toFixed(2)} ×` : '-',
    formatBytes(Object.values(record.files).reduce((sum, bytes) => sum + bytes, 0)),
    folder,
  ]);
  return formatTable(['BUILT', 'LLAMA.CPP', 'COMPUTES ON', 'CPU', 'WRITES / READS', 'SIZE', 'FOLDER'], rows);
}

async function removeAll(): Promise<string> {
  const builds = await listBuilds();
  for (const one of builds) await removeBuild(one);
  for (const compute of buildComputes) await forgetRefused(compute);
  return `removed ${count(builds.length, 'build')} from ${buildsFolder()}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
