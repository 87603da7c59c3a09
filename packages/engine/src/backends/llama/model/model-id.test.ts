import { expect, test } from 'vitest';

import { modelIdOf } from './model-id.ts';

test.each([
  ['/models/Qwen3-4B.Q4_K_M.gguf', 'Qwen3-4B.Q4_K_M'],
  ['big-00001-of-00003.gguf', 'big'],
  ['hf:Qwen/Qwen3-4B-GGUF:Q4_K_M', 'Qwen3-4B-GGUF:Q4_K_M'],
  ['hf:user/repo/file-00001-of-00003.gguf', 'file'],
  ['https://host.example/path/model.gguf?download=true', 'model'],
])('the id of %s is %s', (model, id) => {
  expect(modelIdOf(model)).toBe(id);
});
