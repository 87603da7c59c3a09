import { expect, test } from 'vitest';

import type { ConfiguredModel, ServeConfig } from '../config/serve-config.ts';
import { chosenUpstreams } from '../options/upstream-options.ts';
import { mergeServeOptions } from './merge-serve-options.ts';
import { parseServe } from './serve-plan.fixture.ts';
import { servedModels } from './served-models.ts';

const local: ConfiguredModel = {
  kind: 'local',
  id: 'small',
  aliases: ['gpt-4o'],
  file: '/m/small.gguf',
  ctx: 4096,
  parallel: 2,
  ttl: 300,
  threads: 3,
  kvType: { keys: 'q8_0', values: 'f16' },
  chatTemplate: 'own',
};
const pool: ConfiguredModel = {
  kind: 'upstream',
  id: 'big',
  aliases: ['best'],
  ctx: 32_768,
  upstreams: [
    { url: 'http://gpu1/v1', keyEnv: 'K' },
    { url: 'http://gpu2/v1', type: 'vllm', concurrency: 8 },
  ],
};

function served(settings: Partial<ServeConfig> | null, ...args: string[]) {
  const { flags, given } = parseServe(...args);
  const config = settings && { models: [], ...settings };
  const upstreams = chosenUpstreams(flags);
  const configured = (config?.models ?? []).flatMap((model) => (model.kind === 'upstream' ? model.upstreams : []));
  return servedModels({
    flags: config ? mergeServeOptions(flags, given, config) : flags,
    given,
    config,
    upstreams,
    keys: new Map(
      [...upstreams, ...configured].filter(({ keyEnv }) => keyEnv).map((one) => [one, `key in ${one.keyEnv}`]),
    ),
    idOf: (file) => `id of ${file}`,
  });
}

test('without models the embedded one is served', () => {
  for (const config of [null, {}])
    expect(served(config)).toMatchObject([
      { kind: 'local', id: expect.stringMatching(/storyteller/) as string, parallel: 4 },
    ]);
});

test("a local model's own fields win over the file's, and those over the defaults", () => {
  const shared = {
    ctx: 8192,
    ttl: 600,
    batchSize: 256,
    models: [
      local,
      {
        ...local,
        id: 'plain',
        ctx: undefined,
        parallel: undefined,
        ttl: undefined,
        threads: undefined,
        kvType: undefined,
      },
    ],
  };
  const [own, plain] = served(shared);
  expect(own).toMatchObject({
    id: 'small',
    aliases: ['gpt-4o'],
    parallel: 2,
    contextSize: 4096,
    ttlMs: 300_000,
    llama: {
      model: '/m/small.gguf',
      modelId: 'small',
      threads: 3,
      kvType: { keys: 'q8_0', values: 'f16' },
      batchSize: 256,
      chatTemplate: 'own',
    },
  });
  expect(plain).toMatchObject({
    id: 'plain',
    parallel: 4,
    contextSize: 8192,
    ttlMs: 600_000,
    llama: { batchSize: 256 },
  });
  expect(plain).toHaveProperty('llama.threads', undefined);
});

test('ttl never keeps one model loaded where the others are unloaded', () => {
  expect(served({ ttl: 600, models: [{ ...local, ttl: 'never' }] })).toMatchObject([{ ttlMs: undefined }]);
});

test('a given flag about computing holds for every local model, and --ctx not for upstreams of the file', () => {
  const models = served(
    { models: [local, pool] },
    '--ctx',
    '512',
    '--parallel',
    '1',
    '--kv-type',
    'f16',
    '--threads',
    '2',
  );
  expect(models).toMatchObject([
    { contextSize: 512, parallel: 1, llama: { threads: 2, kvType: { keys: 'f16', values: 'f16' } } },
    { contextSize: 32_768 },
  ]);
});

test('upstreams get their keys, and nothing of where these came from', () => {
  const [model] = served({ models: [pool] });
  expect(model).toEqual({
    kind: 'upstream',
    id: 'big',
    aliases: ['best'],
    contextSize: 32_768,
    upstreams: [
      { url: 'http://gpu1/v1', key: 'key in K', model: undefined, type: undefined, concurrency: undefined },
      { url: 'http://gpu2/v1', key: undefined, model: undefined, type: 'vllm', concurrency: 8 },
    ],
  });
});

test("--model and --upstream replace the file's models: local ones first, then one pool", () => {
  const models = served(
    { models: [local, pool] },
    '--upstream',
    'http://a/v1',
    '--upstream',
    'http://b/v1',
    '--model',
    'x',
    '--upstream-key-env',
    'K',
    '--upstream-model',
    'q',
  );
  expect(models).toMatchObject([
    { kind: 'local', id: 'id of x', llama: { model: 'x' } },
    {
      kind: 'upstream',
      id: 'q',
      upstreams: [
        { url: 'http://a/v1', key: 'key in K' },
        { url: 'http://b/v1', key: 'key in K' },
      ],
    },
  ]);
  expect(served({ models: [local] }, '--upstream', 'http://a/v1')).toMatchObject([{ kind: 'upstream', id: undefined }]);
});

test('--alias and --chat-template are about the first model, and aliases add up', () => {
  expect(
    served({ models: [local, pool] }, '--alias', '*', '--alias', 'gpt-4o', '--chat-template', 'flag'),
  ).toMatchObject([{ aliases: ['gpt-4o', '*'], llama: { chatTemplate: 'flag' } }, { aliases: ['best'] }]);
});
