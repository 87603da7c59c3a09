import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BuildRecord, Here } from './build-record.ts';
import { thisCpu } from './this-cpu.ts';

/** The folder of the installed node-llama-cpp. */
export function nodeLlamaCppFolder(): string {
  return dirname(dirname(fileURLToPath(import.meta.resolve('node-llama-cpp'))));
}

/** What decides which builds can be used in this process. */
export async function thisSystem(): Promise<Here> {
  const { version } = JSON.parse(await readFile(join(nodeLlamaCppFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const { platform, arch } = process;
  return { nodeLlamaCpp: version, platform, arch, libc, cpu: await thisCpu() };
}

/** The C library that this process runs with. Node's own report looks up the name of every open socket, so it is not asked. */
const libc = libcOf();

function libcOf(): BuildRecord['libc'] {
  if (process.platform !== 'linux') return null;
  try {
    return /\/ld-musl-|libc\.musl/.test(readFileSync('/proc/self/maps', 'utf8')) ? 'musl' : 'glibc';
  } catch {
    return 'glibc';
  }
}
