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
  return { nodeLlamaCpp: version, platform, arch, libc: libcOf(), cpu: await thisCpu() };
}

function libcOf(): BuildRecord['libc'] {
  if (process.platform !== 'linux') return null;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
