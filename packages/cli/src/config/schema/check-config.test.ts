import { formatPath } from '@headway/protocol';
import { expect, test } from 'vitest';

import { checkConfig } from './check-config.ts';

const upstreams = [{ url: 'http://gpu1:8000/v1' }];
const model = (fields: object) => ({ models: [fields] });

/** The faults of a file as lines: `field: message`. */
function faults(file: unknown): string[] {
  const { config, issues } = checkConfig(file);
  expect(config === null).toBe(issues.length > 0);
  return issues.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

test('a config has the flags of serve in camel case, sizes in bytes and types parsed', () => {
  const { config } = checkConfig({
    port: 0,
    memory: '8GB',
    ttl: 'never',
    threads: '1,4',
    limit: { requests: 600 },
    models: [
      { file: './a.gguf', kvType: 'q8_0,f16', threads: 2, gpuLayers: 'max', flashAttn: 'on', ttl: 60 },
      {
        id: 'big',
        aliases: ['*'],
        ctx: 32_768,
        upstreams: [{ ...upstreams[0], type: 'vllm', keyEnv: 'K', concurrency: 8 }],
      },
    ],
  });
  expect(config).toMatchObject({
    memory: 8e9,
    ttl: 'never',
    threads: { decode: 1, prefill: 4 },
    models: [{ kvType: { keys: 'q8_0', values: 'f16' }, threads: 2, gpuLayers: 'max', ttl: 60 }, { ctx: 32_768 }],
  });
  expect(checkConfig({})).toEqual({ config: {}, issues: [] });
});

test.each<[object, RegExp]>([
  [{ port: 65_536 }, /^port: must be a whole number from 0 to 65535$/],
  [{ port: '4477' }, /^port: must be a whole number from 0 to 65535$/],
  [{ host: '' }, /^host: must have at least 1 character$/],
  [{ memory: 'lots' }, /^memory: must be a size like 8GB/],
  [{ memory: Number.NaN }, /^memory: /],
  [{ memory: 0 }, /^memory: must be a size like 8GB/],
  [{ threads: '1,2,3' }, /^threads: must be a whole number from 1 to 1024, or two/],
  [{ threads: 2000 }, /^threads: must be a whole number from 1 to 1024, or two/],
  [{ kvType: 'q9' }, /^kvType: must be one of f32, .*, or two: "keys,values"$/],
  [{ gpuLayers: 'all' }, /^gpuLayers: must be a whole number from 0 to 9999, max or auto$/],
  [{ gpuLayers: -1 }, /^gpuLayers: must be a whole number from 0 to 9999, max or auto$/],
  [{ ttl: 'always' }, /^ttl: must be a whole number of seconds .* or never$/],
  [{ flashAttn: true }, /^flashAttn: must be one of: "on", "off", "auto"/],
  [{ logLevel: 'loud' }, /^logLevel: must be one of: "error"/],
  [{ limit: { requests: 0 } }, /^limit\.requests: must be a whole number from 1/],
  [{ limit: { reqests: 3 } }, /^limit\.reqests: unknown field; did you mean requests\?$/],
  [{ max_queue: 3 }, /^max_queue: unknown field; did you mean maxQueue\?$/],
  [{ upstreams: [] }, /^upstreams: unknown field; remove it, or choose one of port, /],
  [{ models: [] }, /^models: must have at least 1 entry$/],
  [{ models: {} }, /^models: must be an array, not an object$/],
  [model({}), /^models\[0\]: has neither file nor upstreams; add file/],
  [model({ file: './a.gguf', id: 'a', upstreams }), /^models\[0\]\.upstreams: cannot be combined with file/],
  [model({ upstreams }), /^models\[0\]\.id: is missing; give the name/],
  [model({ id: 'a', upstreams: [] }), /^models\[0\]\.upstreams: must have at least 1 entry$/],
  [model({ id: 'a', upstreams, parallel: 2 }), /^models\[0\]\.parallel: is for local models; give .* concurrency/],
  [model({ id: 'a', upstreams, kvType: 'q8_0' }), /^models\[0\]\.kvType: is for local models; remove it$/],
  [model({ file: 'a', aliases: ['default'] }), /^models\[0\]\.aliases\[0\]: must not be "default"/],
  [model({ file: 'a', id: '*' }), /^models\[0\]\.id: must not be "\*"/],
  [model({ file: 'a\nb' }), /^models\[0\]\.file: must have no control characters/],
  [model({ fiel: 'a' }), /^models\[0\]\.fiel: unknown field; did you mean file\?$/m],
  [
    model({ file: 'a', chatTemplate: 'x', chatTemplateFile: 'y' }),
    /^models\[0\]\.chatTemplateFile: cannot be combined/,
  ],
  [model({ id: 'a', upstreams: [{}] }), /^models\[0\]\.upstreams\[0\]\.url: is missing/],
  [model({ id: 'a', upstreams: [{ url: 'gpu1' }] }), /^models\[0\]\.upstreams\[0\]\.url: must be an http or https/],
  [
    model({ id: 'a', upstreams: [{ ...upstreams[0], type: 'VLLM' }] }),
    /\.type: must be one of: "openai", "llama-server"/,
  ],
  [model({ id: 'a', upstreams: [{ ...upstreams[0], keyEnv: 'A', keyFile: 'b' }] }), /\.keyFile: cannot be combined/],
  [
    model({ id: 'a', upstreams: [{ ...upstreams[0], concurrency: 0 }] }),
    /\.concurrency: must be a whole number from 1/,
  ],
])('checkConfig refuses %j by name, with the remedy', (file, fault) => {
  expect(faults(file).join('\n')).toMatch(fault);
});

test.each([null, 3, 'text', []])('checkConfig refuses %j as a whole', (file) => {
  expect(faults(file)).toEqual(['request: must be an object with fields; begin with port: 4477']);
});

test.each([
  [{ apiKey: 'sk-secret' }, /^apiKey: a key does not belong .*apiKeyFile/],
  [model({ id: 'a', upstreams, key: 'sk-secret' }), /\.key: a key does not belong .*keyEnv: GPU1_KEY/],
  [model({ id: 'a', upstreams: [{ ...upstreams[0], key: 'sk-secret' }] }), /\.key: a key does not belong .*keyEnv/],
  [model({ id: 'a', upstreams: [{ ...upstreams[0], api_key: 'sk-secret' }] }), /\.api_key: a key does not belong/],
  [model({ id: 'a', upstreams: [{ ...upstreams[0], token: 'sk-secret' }] }), /\.token: a key does not belong/],
  [
    model({ id: 'a', upstreams: [{ ...upstreams[0], headers: { a: 'sk-secret' } }] }),
    /\.headers: .*by keyEnv or keyFile/,
  ],
  [model({ id: 'a', upstreams: [{ ...upstreams[0], keyEnv: 'sk-secret' }] }), /\.keyEnv: must be the name of/],
  [model({ id: 'a', upstreams: [{ url: 'http://u:sk-secret@gpu1' }] }), /\.url: must not hold a user/],
  [
    model({ id: 'a', upstreams: [{ ...upstreams[0], 'sk-secret-1234567890-1234567890': 1 }] }),
    /upstreams\[0\]: has an unknown/,
  ],
])('checkConfig refuses a key in clear in %j, says where it belongs, and does not repeat it', (file, fault) => {
  const all = faults(file).join('\n');
  expect(all).toMatch(fault);
  expect(all).not.toContain('sk-secret');
});

test('checkConfig reports all faults at once, one for a field', () => {
  const file = { port: -1, prot: 1, models: [{ ctx: 1, parallel: 0 }, { upstreams: [{ url: 'x', keyEnv: '' }] }, 3] };
  const fields = faults(file).map((line) => line.slice(0, line.indexOf(': ')));
  expect(fields.toSorted()).toEqual([
    'models[0]',
    'models[0].ctx',
    'models[0].parallel',
    'models[1].id',
    'models[1].upstreams[0].keyEnv',
    'models[1].upstreams[0].url',
    'models[2]',
    'port',
    'prot',
  ]);
});
