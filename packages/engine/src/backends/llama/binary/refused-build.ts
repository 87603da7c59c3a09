import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readBuildRecord, type BuildCompute, type BuildRecord } from './build-record.ts';
import { buildsFolder } from './builds-folder.ts';

const fileOf = (folder: string, compute: BuildCompute) => join(folder, `refused-${compute}.json`);

/** Notes a build that was not kept, since it measured no faster, so that nobody is told to build it again. */
export async function noteRefused(record: BuildRecord, folder = buildsFolder()): Promise<void> {
  const file = fileOf(folder, record.compute);
  await writeFile(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** The latest build for `compute` that was not kept; null without one. */
export async function readRefused(compute: BuildCompute, folder = buildsFolder()): Promise<BuildRecord | null> {
  const text = await readFile(fileOf(folder, compute), 'utf8').catch(() => null);
  return text === null ? null : readBuildRecord(text);
}

export async function forgetRefused(compute: BuildCompute, folder = buildsFolder()): Promise<void> {
  await rm(fileOf(folder, compute), { force: true });
}
