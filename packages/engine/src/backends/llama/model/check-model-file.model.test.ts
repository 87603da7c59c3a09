import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import { describeModelFile } from './describe-model-file.ts';
import { ggufFile, type GgufTensor, type GgufValue } from '../gguf-file.fixture.ts';
import { llama } from '../llama.ts';
import { learnedPositionsModel } from '../untrained-models.fixture.ts';

const some: GgufTensor[] = [{ name: 'some.weight', shape: [64], data: new Float32Array(64) }];
const file = (entries: Readonly<Record<string, GgufValue>>, tensors = some) => ggufFile(entries, tensors);

let folder: string;
let whole: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headway-kinds-'));
  whole = await learnedPositionsModel(128);
});
afterAll(() => rm(folder, { recursive: true }));

/** Both paths that meet such a file: inspecting it and loading it. */
const both: readonly [name: string, make: () => Buffer, said: RegExp][] = [
  [
    'embed',
    () => file({ 'general.architecture': 'bert', 'bert.pooling_type': 1, 'bert.attention.causal': false }),
    /makes embeddings and generates no text; /,
  ],
  [
    'rerank',
    () => file({ 'general.architecture': 'qwen3', 'qwen3.pooling_type': 4 }),
    /is a reranker and generates no text/,
  ],
  [
    'lora',
    () => file({ 'general.architecture': 'llama', 'general.type': 'adapter', 'adapter.type': 'lora' }),
    /is an adapter \(LoRA\) and not a model; serve its base model/,
  ],
  [
    'mmproj',
    () => file({ 'general.architecture': 'clip', 'general.type': 'mmproj' }),
    /image encoder of a model \(mmproj\)/,
  ],
  ['t5', () => file({ 'general.architecture': 't5' }), /and a decoder \(T5\)/],
  ['vocabulary', () => file({ 'general.architecture': 'llama' }, []), /a vocabulary but no weights/],
  ['cut', () => whole.subarray(0, whole.length - 100_000), /is cut off: [\d,]+ of [\d,]+ bytes; download it again/],
  ['cut-in-words', () => whole.subarray(0, 3000), /its 3,000 bytes end before its list of weights does; download/],
  ['cut-at-once', () => whole.subarray(0, 20), /its 20 bytes end before/],
  ['page', () => Buffer.from('<!doctype html><title>Sign in</title>'), /is a web page/],
  ['part-00001-of-00002', () => whole, /is the first of 2 parts, and the file .*-00002-of-00002\.gguf is not there; /],
  ['part-00002-of-00003', () => whole, /is part 2 of 3 of a split model; use .*-00001-of-00003\.gguf/],
];

test.each(both)('%s: one sentence names the problem and the remedy', async (name, make, said) => {
  const model = join(folder, `${name}.gguf`);
  await writeFile(model, make());
  const failure = { code: 'model-load-failed', message: expect.stringMatching(said) };
  await expect(createEngine({ backend: llama({ model, gpu: false }) })).rejects.toMatchObject(failure);
  await expect(describeModelFile(model)).rejects.toMatchObject(failure);
});

test('an architecture that llama.cpp does not know is named', async () => {
  const model = join(folder, 'tomorrow.gguf');
  await writeFile(model, file({ 'general.architecture': 'tomorrow' }));
  await expect(createEngine({ backend: llama({ model, gpu: false }) })).rejects.toMatchObject({
    code: 'model-load-failed',
    message: expect.stringMatching(/has the architecture 'tomorrow', which this version does not know; update Headway/),
  });
});

test('a complete model file passes the check', async () => {
  const model = join(folder, 'whole.gguf');
  await writeFile(model, whole);
  expect(await describeModelFile(model)).toMatchObject({ trainContextSize: 128 });
});
