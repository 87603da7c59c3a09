import { getLlama, getLlamaGpuTypes, LlamaLogLevel, type Llama } from 'node-llama-cpp';

import type { BinaryChoice } from './binary-choice.ts';
import { damagedFiles, listBuilds, type Build } from './builds-folder.ts';
import { chooseBuilds, notUsed, type Gpu } from './choose-build.ts';
import { openBuild, type Logger } from './open-build.ts';
import { thisSystem } from './this-system.ts';

export interface OpenLlamaOptions {
  gpu: Gpu;
  binary: BinaryChoice;
  logger: Logger;
}

export interface OpenedLlama {
  instance: Llama;
  binary: 'prebuilt' | 'built';
  /** Whether the binary keeps its threads between two batches (OpenMP). */
  keepsThreads: boolean;
  /** Why a build of this machine is not used, for the operator; null otherwise. */
  notice: string | null;
}

/**
 * Opens llama.cpp: with a binary that `headway build` made for this machine, or with node-llama-cpp's prebuilt one where
 * there is none, where it does not load, and where the prebuilt one finds a GPU that it would not use.
 *
 * @throws Error node-llama-cpp's, when it has no binary that runs here
 */
export async function openLlama({ gpu, binary, logger }: OpenLlamaOptions): Promise<OpenedLlama> {
  // Compile and download nothing: the prebuilt binaries are npm packages.
  const openPrebuilt = () => getLlama({ gpu, build: 'never', logLevel: LlamaLogLevel.warn, logger });
  const prebuilt = async (notice: string | null) =>
    ({ instance: await openPrebuilt(), binary: 'prebuilt', keepsThreads: false, notice }) as const;
  const found = binary === 'prebuilt' ? [] : await listBuilds();
  if (found.length === 0) return prebuilt(null);

  const drivers = (await getLlamaGpuTypes('supported')).filter((type) => type !== false);
  const choice = chooseBuilds(found, { here: await thisSystem(), gpu, drivers });
  let { notice } = choice;
  for (const build of choice.builds) {
    if (build.record.compute === 'cpu' && gpu === 'auto' && drivers.length > 0) {
      const opened = await prebuilt(notice).catch(() => null);
      if (opened && opened.instance.gpu !== false) return opened;
      await opened?.instance.dispose();
    }
    try {
      const instance = await openWhole(build, logger);
      return { instance, binary: 'built', keepsThreads: build.record.openMp, notice };
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      notice = notUsed(build, `does not load (${firstLine(why)})`, 'run headway build --force to build it again');
    }
  }
  return prebuilt(notice);
}

/** Opens a build whose files are all there, and which finds the GPU that it was built for. */
async function openWhole(build: Build, logger: Logger): Promise<Llama> {
  const [damaged] = await damagedFiles(build);
  if (damaged !== undefined) throw new Error(`its file ${damaged} is missing or was changed`);
  const instance = await openBuild(build, { logger });
  const { compute } = build.record;
  if (compute === 'cpu' || instance.gpu === compute) return instance;
  await instance.dispose();
  throw new Error(`no device for ${compute} is found`);
}

const firstLine = (text: string) => text.split('\n')[0]?.trim() ?? '';
