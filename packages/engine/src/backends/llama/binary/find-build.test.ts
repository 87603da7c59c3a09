import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { sampleBuild } from './build.fixture.ts';
import type { BuildRecord } from './build-record.ts';
import { buildsFolder, writeRecord } from './builds-folder.ts';
import { findBuild, findMeasuredGain } from './find-build.ts';
import { forgetRefused, noteRefused } from './refused-build.ts';
import { thisSystem } from './this-system.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'headway-builds-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

async function keepBuild(change: Partial<BuildRecord>): Promise<void> {
  const { record } = sampleBuild({ ...(await thisSystem()), ...change });
  const folder = join(buildsFolder(), record.builtAt.slice(0, 10));
  await mkdir(folder, { recursive: true });
  await writeRecord({ folder, record });
}

const gain = { decode: 1.5, prefill: 1.2 };

it('a build of another version has no use, but its gain is known', async () => {
  await keepBuild({ nodeLlamaCpp: '0.0.1', builtAt: '2026-01-02T00:00:00.000Z', gain });
  await keepBuild({ nodeLlamaCpp: '0.0.2', builtAt: '2026-01-03T00:00:00.000Z', gain: null });
  expect(await findBuild('cpu')).toBeNull();
  expect(await findMeasuredGain('cpu')).toEqual({ ...gain, builtAt: '2026-01-02T00:00:00.000Z', kept: true });
  expect(await findMeasuredGain('cuda')).toBeNull();
});

it('a gain that was measured on another CPU or system is not this one’s', async () => {
  await keepBuild({ cpu: { model: 'another', features: [] }, gain });
  await keepBuild({ platform: 'plan9', builtAt: '2026-01-03T00:00:00.000Z', gain });
  expect(await findMeasuredGain('cpu')).toBeNull();
});

it('a build that was not kept is known until it is forgotten, or another version comes', async () => {
  await keepBuild({ nodeLlamaCpp: '0.0.1', builtAt: '2026-01-02T00:00:00.000Z', gain });
  const { record } = sampleBuild({
    ...(await thisSystem()),
    builtAt: '2026-01-03T00:00:00.000Z',
    gain: { decode: 1, prefill: 0.99 },
  });
  await noteRefused(record);
  expect(await findMeasuredGain('cpu')).toEqual({ ...record.gain, builtAt: record.builtAt, kept: false });
  expect(await findMeasuredGain('cuda')).toBeNull();
  await noteRefused({ ...record, nodeLlamaCpp: '0.0.1' });
  expect(await findMeasuredGain('cpu')).toMatchObject({ ...gain, kept: true });
  await noteRefused(record);
  await noteRefused({ ...record, compute: 'cuda' });
  await forgetRefused('cuda');
  expect(await findMeasuredGain('cpu')).toMatchObject({ kept: false });
  await forgetRefused('cpu');
  expect(await findMeasuredGain('cpu')).toMatchObject({ ...gain, kept: true });
});
