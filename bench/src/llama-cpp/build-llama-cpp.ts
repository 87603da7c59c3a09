import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from '../cache-folder.ts';

/** Programs of llama.cpp, built for this machine. */
export interface LlamaCpp {
  server: string;
  /** llama-batched-bench: tokens a second without a server. Null where the build has none. */
  batchedBench: string | null;
  /** For example `v0.5.0`, or the folder of a build of one's own. */
  tag: string;
}

/** Without the page, without downloads, without what only tests need. Native instructions and OpenMP are the defaults. */
const options = [
  'CMAKE_BUILD_TYPE=Release',
  'LLAMA_BUILD_UI=OFF',
  'LLAMA_USE_PREBUILT_UI=OFF',
  'LLAMA_CURL=OFF',
  'LLAMA_OPENSSL=OFF',
  'LLAMA_BUILD_TESTS=OFF',
  'LLAMA_BUILD_EXAMPLES=OFF',
  'LLAMA_BUILD_APP=OFF',
];
const programs = ['llama-server', 'llama-batched-bench'] as const;

/**
 * Builds llama-server and llama.cpp's own benchmarks from the source that the installed node-llama-cpp was built from, once per version
 * and options. Takes some minutes, downloads nothing.
 *
 * @param extra more options for cmake, for example `GGML_CUDA=ON`
 * @throws Error when git, cmake or a compiler is missing, or the build fails
 */
export async function buildLlamaCpp(extra: readonly string[] = []): Promise<LlamaCpp> {
  const source = fileURLToPath(new URL('../llama', import.meta.resolve('node-llama-cpp')));
  const { tag } = JSON.parse(await readFile(join(source, 'llama.cpp.info.json'), 'utf8')) as { tag: string };
  const defines = [...options, ...extra];
  const hash = createHash('sha256').update(defines.join(' ')).digest('hex').slice(0, 8);
  const folder = join(cacheFolder(), `llama.cpp-${tag}-${hash}`);
  const at = (name: Program) => join(folder, 'build', 'bin', fileName(name));
  const built = { server: at('llama-server'), batchedBench: at('llama-batched-bench'), tag };
  const complete = join(folder, 'complete');
  if ([complete, ...programs.map(at)].every((file) => existsSync(file))) return built;

  need('git', ['--version'], 'install git');
  need('cmake', ['--version'], 'install cmake 3.21 or newer and a C++ compiler');
  console.error(`building llama.cpp ${tag} in ${folder} (once, some minutes)…`);
  await mkdir(folder, { recursive: true });
  const checkout = join(folder, 'source');
  if (!existsSync(checkout)) {
    const partial = `${checkout}.partial`;
    await rm(partial, { recursive: true, force: true });
    run('git', ['clone', '--quiet', join(source, 'gitRelease.bundle'), partial]);
    await rename(partial, checkout);
  }
  const build = join(folder, 'build');
  run('cmake', ['-S', checkout, '-B', build, ...defines.map((define) => `-D${define}`)]);
  run('cmake', ['--build', build, '--config', 'Release', '--parallel', cores(), '--target', ...programs]);
  for (const program of programs) need(at(program), ['--help'], `remove ${folder} and try again`);
  await mkdir(complete, { recursive: true });
  return built;
}

/** The programs of a build in this folder. @throws Error when it has no llama-server */
export function ownLlamaCpp(folder: string): LlamaCpp {
  const [server, batchedBench] = [
    join(folder, fileName('llama-server')),
    join(folder, fileName('llama-batched-bench')),
  ];
  if (!existsSync(server)) throw new Error(`--llama-cpp: ${folder} has no llama-server`);
  return { server, batchedBench: existsSync(batchedBench) ? batchedBench : null, tag: folder };
}

type Program = (typeof programs)[number];
const fileName = (program: Program) => (process.platform === 'win32' ? `${program}.exe` : program);
const cores = () => String(availableParallelism());

function need(command: string, args: string[], remedy: string): void {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore' });
  if (status === 0) return;
  throw new Error(`${command} does not run (${error?.message ?? `exit code ${status}`}): ${remedy}`);
}

function run(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return;
  const last = `${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.slice(0, 2).join(' ')} failed. Its last lines:\n${last}`);
}
