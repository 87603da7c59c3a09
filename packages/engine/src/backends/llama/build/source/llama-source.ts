import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { nodeLlamaCppFolder } from '../../binary/this-system.ts';
import type { RunStep } from '../steps/run-step.ts';

/** The source that node-llama-cpp's package carries, and the headers that it needs. */
export interface LlamaSource {
  /** The folder with node-llama-cpp's own code and the bundle of llama.cpp's repository. */
  folder: string;
  nodeLlamaCpp: string;
  /** Release of llama.cpp. */
  llamaCpp: string;
  /** Folder with `node_api.h`. */
  nodeHeaders: string;
  /** The package node-addon-api. */
  addonApi: string;
}

const bundle = 'gitRelease.bundle';

/**
 * Finds the source in the installed node-llama-cpp.
 *
 * @throws Error what is missing, with the remedy
 */
export async function findLlamaSource(): Promise<LlamaSource> {
  const home = nodeLlamaCppFolder();
  const folder = join(home, 'llama');
  if (!existsSync(join(folder, bundle)))
    throw new Error('the installed node-llama-cpp carries no source of llama.cpp; install it again');
  const packages = createRequire(join(home, 'package.json'));
  const { version } = await readJson<{ version: string }>(join(home, 'package.json'));
  const { tag } = await readJson<{ tag: string }>(join(folder, 'llama.cpp.info.json'));
  return {
    folder,
    nodeLlamaCpp: version,
    llamaCpp: tag,
    nodeHeaders: findHeaders(packages),
    addonApi: dirname(packages.resolve('node-addon-api/package.json')),
  };
}

/** Node's own headers, or those of the interface that the addon uses, which is the same for every version of Node. */
function findHeaders(packages: NodeJS.Require): string {
  const own = join(dirname(dirname(process.execPath)), 'include', 'node');
  if (existsSync(join(own, 'node_api.h'))) return own;
  try {
    const cmakeJs = createRequire(packages.resolve('cmake-js/package.json'));
    return join(dirname(cmakeJs.resolve('node-api-headers/package.json')), 'include');
  } catch (thrown) {
    throw new Error(
      `Node's headers are neither in ${own} nor in the package node-api-headers; install a Node with its headers`,
      { cause: thrown },
    );
  }
}

/**
 * Copies the source to `target`, so that nothing is written into the package, and applies node-llama-cpp's patches to
 * llama.cpp where they are not part of it already.
 */
export async function copySource({ folder, addonApi }: LlamaSource, target: string, run: RunStep): Promise<void> {
  const parts = ['addon', 'cmake', 'profiles', 'toolchains', 'CMakeLists.txt'];
  for (const part of parts) await cp(join(folder, part), join(target, part), { recursive: true });
  // node-llama-cpp's CMakeLists.txt asks Node for this package.
  await mkdir(join(target, 'node_modules'), { recursive: true });
  await symlink(addonApi, join(target, 'node_modules', 'node-addon-api'), 'junction');
  const llamaCpp = join(target, 'llama.cpp');
  await run('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', join(folder, bundle), llamaCpp]);
  const patches = join(folder, 'patches');
  const names = existsSync(patches) ? (await readdir(patches)).filter((name) => name.endsWith('.diff')) : [];
  for (const name of names.toSorted()) {
    const patch = join(patches, name);
    const applied = await run('git', ['-C', llamaCpp, 'apply', '--reverse', '--check', patch], {
      mayFail: true,
    });
    if (!applied) await run('git', ['-C', llamaCpp, 'apply', '--ignore-whitespace', patch]);
  }
}

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8')) as Value;
}
