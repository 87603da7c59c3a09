import { expect, it, test } from 'vitest';

import { here, sampleBuild } from './build.fixture.ts';
import { readBuildRecord, whyUnusable } from './build-record.ts';

it('a record survives being written and read', () => {
  const { record } = sampleBuild();
  expect(readBuildRecord(JSON.stringify(record))).toEqual(record);
});

test.each([
  ['no JSON', '{'],
  ['null', 'null'],
  ['another format', JSON.stringify({ ...sampleBuild().record, format: 2 })],
  ['no CPU', JSON.stringify({ ...sampleBuild().record, cpu: undefined })],
  ['an unknown compute', JSON.stringify({ ...sampleBuild().record, compute: 'abacus' })],
])('%s is no record', (_what, text) => {
  expect(readBuildRecord(text)).toBeNull();
});

it('a build may be used where it was built, and where the CPU can do more', () => {
  const { record } = sampleBuild();
  expect(whyUnusable(record, here)).toBeNull();
  expect(whyUnusable(record, { ...here, cpu: { ...here.cpu, features: ['avx2', 'avx512f', 'fma'] } })).toBeNull();
});

test.each([
  [{ nodeLlamaCpp: '4.0.0' }, 'belongs to node-llama-cpp 3.22.1, not to 4.0.0'],
  [{ arch: 'arm64' }, 'is for linux x64 glibc, not for linux arm64 glibc'],
  [{ libc: 'musl' as const }, 'is for linux x64 glibc, not for linux x64 musl'],
  [{ cpu: { model: 'EPYC', features: ['avx2', 'fma'] } }, 'is for the CPU Xeon, not for EPYC'],
  [{ cpu: { model: 'Xeon', features: ['avx2'] } }, 'has instructions that this CPU lacks (fma)'],
])('a build must not be used with %j', (other, why) => {
  expect(whyUnusable(sampleBuild().record, { ...here, ...other })).toBe(why);
});
