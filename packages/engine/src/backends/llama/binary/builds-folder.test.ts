import { homedir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test, vi } from 'vitest';

import { buildsFolder } from './builds-folder.ts';
import { forbidsBuilds } from './binary-choice.ts';

afterEach(() => vi.unstubAllEnvs());

test('builds lie in XDG_CACHE_HOME, unless it is empty or relative', () => {
  vi.stubEnv('XDG_CACHE_HOME', join(homedir(), 'elsewhere'));
  expect(buildsFolder()).toBe(join(homedir(), 'elsewhere', 'headway', 'llama'));
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  const usual = buildsFolder();
  for (const ignored of ['', 'relative/cache']) {
    vi.stubEnv('XDG_CACHE_HOME', ignored);
    expect(buildsFolder()).toBe(usual);
  }
});

test.each([
  [undefined, false],
  ['', false],
  ['0', false],
  ['1', true],
  ['true', true],
])('HEADWAY_PREBUILT=%s forbids builds: %s', (value, forbids) => {
  vi.stubEnv('HEADWAY_PREBUILT', value);
  expect(forbidsBuilds()).toBe(forbids);
});
