import { expect, test } from 'vitest';

import { mergeServeOptions } from './merge-serve-options.ts';
import { parseServe } from './serve-plan.fixture.ts';

const merge = (config: object, ...args: string[]) => {
  const { flags, given } = parseServe(...args);
  return mergeServeOptions(flags, given, { models: [], ...config });
};

test('the file wins over a default, and a given flag over the file, even where it repeats the default', () => {
  const config = {
    port: 1234,
    host: 'box',
    maxQueue: 7,
    kvType: { keys: 'q8_0', values: 'f16' },
    allowHost: ['a'],
  } as const;
  const merged = merge(config);
  expect(merged).toMatchObject({ ...config, parallel: 4, drain: 30, engine: 'isolated' });
  const flags = ['--port', '4477', '--allow-host', 'b', '--kv-type', 'f16'];
  expect(merge(config, ...flags)).toMatchObject({
    port: 4477,
    host: 'box',
    maxQueue: 7,
    allowHost: ['b'],
    kvType: { keys: 'f16', values: 'f16' },
  });
});

test('limits merge by their names', () => {
  const { limit } = merge({ limit: { requests: 5, connections: 9 } }, '--limit', 'requests=7', '--limit', 'bytes=8');
  expect(limit).toEqual({ requests: 7, connections: 9, bytes: 8 });
});

test('--no-auth and the key flags take the place of each other in the file', () => {
  expect(merge({ noAuth: true })).toMatchObject({ auth: false });
  expect(merge({ noAuth: true }, '--api-key-file', 'k')).toMatchObject({ auth: true, apiKeyFile: 'k' });
  expect(merge({ noAuth: true }, '--api-key', 'k')).toMatchObject({ auth: true, apiKey: ['k'] });
  expect(merge({ apiKeyFile: 'f' })).toMatchObject({ auth: true, apiKeyFile: 'f' });
  expect(merge({ apiKeyFile: 'f' }, '--no-auth')).toMatchObject({ auth: false });
  expect(merge({ apiKeyFile: 'f' }, '--no-auth').apiKeyFile).toBeUndefined();
  expect(merge({ apiKeyFile: 'f' }, '--api-key-file', 'k')).toMatchObject({ apiKeyFile: 'k' });
});
