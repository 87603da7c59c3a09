import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { readBuildRecord, type BuildRecord } from './build-record.ts';

/** A build of llama.cpp on this machine. */
export interface Build {
  folder: string;
  record: BuildRecord;
}

/** The name of the record in a build's folder. */
export const recordFile = 'build.json';

/** The folder of builds: `headway/llama` in the user's cache folder, which `XDG_CACHE_HOME` sets if it is an absolute path. */
export function buildsFolder(): string {
  return join(cacheFolder(), 'headway', 'llama');
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA;
  return join(homedir(), '.cache');
}

/** Lists the builds in the folder, the newest first. What is not a build is left out. */
export async function listBuilds(folder = buildsFolder()): Promise<Build[]> {
  const names = await readdir(folder).catch(() => []);
  const builds = await Promise.all(names.map((name) => openFolder(join(folder, name))));
  return builds.filter((build) => build !== null).toSorted((a, b) => b.record.builtAt.localeCompare(a.record.builtAt));
}

async function openFolder(folder: string): Promise<Build | null> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch(() => null);
  const record = text === null ? null : readBuildRecord(text);
  return record && { folder, record };
}

/** Writes a build's record, whole or not at all. */
export async function writeRecord({ folder, record }: Build): Promise<void> {
  const file = join(folder, recordFile);
  await writeFile(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Removes a build. A process that has loaded it keeps running. */
export async function removeBuild({ folder }: Build): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** The files of a build that are missing or have another size than when they were built. */
export async function damagedFiles({ folder, record }: Build): Promise<string[]> {
  const checked = await Promise.all(
    Object.entries(record.files).map(async ([name, bytes]) => {
      const size = await stat(join(folder, name)).then(
        (file) => file.size,
        () => null,
      );
      return size === bytes ? [] : [name];
    }),
  );
  return checked.flat();
}
