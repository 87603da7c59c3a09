import { expect, test } from 'vitest';

import { describeLoadFailure } from './load-failure.ts';
import { UnusableModelFile } from './unusable-model-file.ts';

const failed = new Error('Failed to load model');

test.each([
  ["unknown model architecture: 'tomorrow'", /has the architecture 'tomorrow', .*; update Headway/],
  [
    "error loading model vocabulary: unknown pre-tokenizer type: 'new-bpe'",
    /has the tokenizer 'new-bpe', .*; update Headway/,
  ],
  ["error loading model vocabulary: unknown tokenizer: 'new'", /has the tokenizer 'new'/],
  ["missing tensor 'blk.3.ffn_up.weight'", /lacks its weights blk\.3\.ffn_up\.weight; /],
  ["check_tensor_dims: tensor 'blk.3.ffn_up.weight' not found", /lacks its weights blk\.3\.ffn_up\.weight; /],
  [
    'error loading model hyperparameters: key not found in model: llama.block_count',
    /lacks the entry llama\.block_count; /,
  ],
  ['K cache type q8_0 with block size 32 does not divide n_embd_head_k=16', /cannot keep its keys .*--kv-type f16/],
  ['quantized V cache requires flash_attn to be enabled', /cannot keep its keys and values in these types; /],
  ['model does not support different K (q8_0) and V (f16) cache types', /cannot keep its keys and values/],
  ['something else', /cannot be loaded \(something else\); the file may be incomplete/],
])('llama.cpp says: %s', (line, said) => {
  const log = [
    `llama_model_load: error loading model: ${line}`,
    'llama_model_load_from_file_impl: failed to load model',
  ];
  expect(describeLoadFailure('m.gguf', failed, log)).toMatch(said);
});

test("a known problem of the file comes before llama.cpp's log", () => {
  const known = new UnusableModelFile('is empty; download it again');
  expect(describeLoadFailure('m.gguf', known, ["unknown model architecture: 'x'"])).toBe(
    'model: m.gguf is empty; download it again',
  );
});
