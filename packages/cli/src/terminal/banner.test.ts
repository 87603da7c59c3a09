import type { ModelInfo } from '@headway/protocol';
import { expect, test } from 'vitest';

import { formatBytes } from '@headway/protocol';
import { modelLine, servedLines } from './banner.ts';
import { describeStartFailure } from '../serve/start-failure.ts';

const model: ModelInfo = {
  id: 'm',
  state: 'ready',
  backend: 'llama',
  contextSize: 8192,
  slots: 1,
  parameters: null,
  sizeBytes: 2_497_281_000,
  threads: 4,
  prefillThreads: 4,
  device: 'cpu',
};

test('the banner shows the models, a request to paste and how to serve a bigger model', () => {
  const lines = servedLines({
    url: 'http://127.0.0.1:4477',
    models: [
      { ...model, prefillThreads: 8 },
      { ...model, id: 'n', sizeBytes: null, contextSize: null, threads: null, prefillThreads: null, slots: 2 },
    ],
    viaNpm: true,
    needsKey: false,
  }).split('\n');
  expect(lines).toEqual([
    'm: 2.5 GB, context 8,192, 1 slot, 4 threads to write and 8 to read',
    'n: 2 slots',
    expect.stringMatching(/^curl -N http:\/\/127\.0\.0\.1:4477\/v1\/chat\/completions /),
    expect.stringMatching(/^A bigger model: npm start -- --model hf:/),
    '',
  ]);
});

test('the banner shows how a model computes where that is not the usual', () => {
  const compute = {
    keyType: 'f16',
    valueType: 'f16',
    flashAttention: true,
    batchSize: 512,
    gpuLayers: 0,
    layers: 33,
    locked: false,
  };
  const line = (changed: Partial<typeof compute>, device = 'cpu') =>
    modelLine({ ...model, device, compute: { ...compute, ...changed } }).replace(
      'm: 2.5 GB, context 8,192, 1 slot, ',
      '',
    );
  expect(line({})).toBe('4 threads');
  expect(line({ keyType: 'q8_0', flashAttention: false, batchSize: 2048, locked: true })).toBe(
    '4 threads, memory of q8_0 and f16, no flash attention, batches of 2,048, locked in RAM',
  );
  expect(line({ gpuLayers: 12 }, 'cuda')).toBe('4 threads, 12 of 33 layers by cuda');
});

test('the request to paste names $HEADWAY_API_KEY where a key is needed, and never the key itself', () => {
  const served = { url: 'http://127.0.0.1:4477', models: [model], viaNpm: false };
  expect(servedLines({ ...served, needsKey: true })).toContain('-H "Authorization: Bearer $HEADWAY_API_KEY"');
  expect(servedLines({ ...served, needsKey: false })).not.toContain('Authorization');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [5_271_000, '5.3 MB'],
  [668_000_000, '668 MB'],
  [2_497_281_000, '2.5 GB'],
  [7e16, '70000 TB'],
])('formatBytes writes %d bytes as %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test.each([
  ['EADDRINUSE', /port 80 is taken/],
  ['EACCES', /above 1023/],
  ['ENOTFOUND', /box is not an address of this machine/],
  ['EWHAT', /^boom$/],
])('startFailure explains %s in one sentence', (code, sentence) => {
  expect(describeStartFailure(Object.assign(new Error('boom'), { code }), { port: 80, host: 'box' })).toMatch(sentence);
});

test('the banner names the binary below the models, without its control characters', () => {
  const served = { url: 'http://127.0.0.1:1', models: [model], viaNpm: false, needsKey: false };
  const [, second] = servedLines({ ...served, binary: 'llama.cpp: prebuilt\u001b[2J' }).split('\n');
  expect(second).toBe('llama.cpp: prebuilt\\u001b[2J');
});

test('the banner lists the addresses for other machines', () => {
  const served = { url: 'http://127.0.0.1:1', models: [model], viaNpm: false, needsKey: true };
  expect(servedLines({ ...served, elsewhere: ['http://192.168.1.7:1'] })).toContain(
    '\nOn your network: http://192.168.1.7:1\n',
  );
  expect(servedLines(served)).not.toContain('network');
});
