import { expect, test } from 'vitest';

import { whyItCannotGenerate, type ModelKind } from './model-kind.ts';

const writer: ModelKind = { architecture: 'llama', type: 'model', pooling: null, causal: null, tensors: 200 };

test.each<[Partial<ModelKind>, RegExp]>([
  [{ type: 'adapter' }, /adapter.*; serve its base model/],
  [{ type: 'mmproj', architecture: 'clip' }, /image encoder.*; serve the model that it belongs to/],
  [{ architecture: 'clip', type: null }, /image encoder/],
  [{ type: 'imatrix' }, /measurements/],
  [{ architecture: 'controlvector', type: null }, /control vector/],
  [{ tensors: 0 }, /a vocabulary but no weights; download the model/],
  [{ architecture: 'bert', pooling: 4 }, /reranker and generates no text; serve/],
  [{ architecture: 'qwen3', pooling: 4 }, /reranker/],
  [{ architecture: 'bert' }, /makes embeddings and generates no text; serve/],
  [{ architecture: 'gemma-embedding' }, /embeddings/],
  [{ architecture: 't5encoder' }, /embeddings/],
  [{ architecture: 'qwen3', pooling: 3 }, /embeddings/],
  [{ causal: false }, /embeddings/],
  [{ architecture: 't5' }, /encoder.*; serve a decoder-only model/],
  [{ architecture: 'llada', causal: false }, /diffusion/],
  [{ architecture: 'eagle3' }, /draft model/],
])('%o cannot generate text', (kind, why) => {
  const said = whyItCannotGenerate({ ...writer, ...kind });
  expect(said).toMatch(why);
  expect(said?.split('; ')).toHaveLength(2);
});

test.each<Partial<ModelKind>>([{}, { pooling: 0 }, { causal: true }, { type: null, architecture: null }])(
  '%o may generate text',
  (kind) => {
    expect(whyItCannotGenerate({ ...writer, ...kind })).toBeNull();
  },
);
