import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describeModelFile, modelsFolder } from '@headway/engine';
import { isHeadwayError } from '@headway/protocol';

import { embeddedModel } from './embedded-model.ts';
import { machineMemory } from './machine-memory.ts';
import { leastUsefulContext, memoryFit, type MemoryFit } from './memory-fit.ts';

/** A model on this machine, as `headway models --json` prints it. */
export interface ListedModel {
  /** The name that `headway run` takes. */
  name: string;
  path: string;
  embedded: boolean;
  sizeBytes: number | null;
  parameters: number | null;
  trainContextSize: number | null;
  fits: MemoryFit | null;
  /** Why it cannot run; null if its file's head shows no fault. */
  problem: string | null;
}

/** Lists the embedded model, and the models in the models folder and in the given folders. */
export async function listModels(folders: readonly string[]): Promise<ListedModel[]> {
  const shared = modelsFolder();
  const found = [
    { name: 'storyteller', path: embeddedModel(), embedded: true },
    ...(await filesIn(shared, { mayBeMissing: true })).map((file) => ({
      name: file.replace(/\.gguf$/i, ''),
      path: join(shared, file),
      embedded: false,
    })),
  ];
  for (const folder of folders) {
    const files = await filesIn(folder, { mayBeMissing: false });
    found.push(...files.map((file) => ({ name: join(folder, file), path: join(folder, file), embedded: false })));
  }
  const listed: ListedModel[] = [];
  for (const one of found) listed.push({ ...one, ...(await describe(one.path)) });
  return listed;
}

async function describe(path: string): Promise<Omit<ListedModel, 'name' | 'path' | 'embedded'>> {
  const unknown = { sizeBytes: null, parameters: null, trainContextSize: null, fits: null };
  if (path.endsWith('.ipull')) return { ...unknown, problem: 'not complete; pull it again to resume' };
  try {
    const file = await describeModelFile(path);
    const { sizeBytes, parameters, trainContextSize, weightsBytes } = file;
    const trained = trainContextSize ?? leastUsefulContext;
    const needs = {
      whole: weightsBytes + (await file.contextBytes(trained)),
      least: weightsBytes + (await file.contextBytes(Math.min(trained, leastUsefulContext))),
    };
    return { sizeBytes, parameters, trainContextSize, fits: memoryFit(needs, machineMemory()), problem: null };
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return { ...unknown, problem: thrown.message.replace(/^model: /, '') };
  }
}

/** The names of model files and of unfinished downloads. The first part of a split model stands for all of them. */
async function filesIn(folder: string, { mayBeMissing }: { mayBeMissing: boolean }): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.gguf(\.ipull)?$/i.test(name) && !/-(?!00001)\d{5}-of-\d{5}\./.test(name))
      .toSorted();
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (mayBeMissing && code === 'ENOENT') return [];
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ENOTDIR'
          ? 'is not a folder'
          : `cannot be read (${String(code)})`;
    throw new Error(`--dir ${folder} ${why}`, { cause: thrown });
  }
}
