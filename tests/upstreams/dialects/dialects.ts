import type { DialectName } from '../upstream-script.ts';
import type { DialectKind } from './dialect.ts';
import { exo } from './exo.ts';
import { llamaServer } from './llama-server.ts';
import { lmStudio } from './lm-studio.ts';
import { mlxLm } from './mlx-lm.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { sglang } from './sglang.ts';
import { swiftlm } from './swiftlm.ts';
import { vllm } from './vllm.ts';

export const dialects: Record<DialectName, DialectKind> = {
  openai,
  'llama-server': llamaServer,
  vllm,
  sglang,
  exo,
  swiftlm,
  'mlx-lm': mlxLm,
  'lm-studio': lmStudio,
  ollama,
};
