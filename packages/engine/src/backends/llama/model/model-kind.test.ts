import { expect, test } from 'vitest';

import { whyItCannotWrite, type ModelKind } from './model-kind.ts';

const writer: ModelKind = { architecture: 'llama', type: 'model', pooling: null, causal: null, tensors: 200 };

test.each<[Partial<ModelKind>, RegExp]>([
  [{ type: 'adapter' }, /adapter.*; serve the base model/],
  [{ type: 'mmproj', architecture: 'clip' }, /pictures.*; serve the model that it belongs to/],
  [{ architecture: 'clip', type: null }, /pictures/],
  [{ type: 'imatrix' }, /measurements/],
  [{ architecture: 'controlvector', type: null }, /control vector/],
  [{ tensors: 0 }, /a vocabulary and no weights; download the model/],
  [{ architecture: 'bert', pooling: 4 }, /reranker.*writes no text; serve/],
  [{ architecture: 'qwen3', pooling: 4 }, /reranker/],
  [{ architecture: 'bert' }, /makes embeddings and writes no text; serve/],
  [{ architecture: 'gemma-embedding' }, /embeddings/],
  [{ architecture: 't5encoder' }, /embeddings/],
  [{ architecture: 'qwen3', pooling: 3 }, /embeddings/],
  [{ causal: false }, /embeddings/],
  [{ architecture: 't5' }, /encoder.*; serve a model of a decoder alone/],
  [{ architecture: 'llada', causal: false }, /diffusion/],
  [{ architecture: 'eagle3' }, /guesses for another model/],
])('%o writes no text', (kind, why) => {
  const said = whyItCannotWrite({ ...writer, ...kind });
  expect(said).toMatch(why);
  expect(said?.split('; ')).toHaveLength(2);
});

test.each<Partial<ModelKind>>([{}, { pooling: 0 }, { causal: true }, { type: null, architecture: null }])(
  '%o may write',
  (kind) => {
    expect(whyItCannotWrite({ ...writer, ...kind })).toBeNull();
  },
);
