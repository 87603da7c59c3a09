import type { DialectName } from '../upstream-script.ts';
import type { DialectKind } from './dialect.ts';
import { llamaServer } from './llama-server.ts';
import { openai } from './openai.ts';
import { vllm } from './vllm.ts';

export const dialects: Partial<Record<DialectName, DialectKind>> = {
  openai,
  'llama-server': llamaServer,
  vllm,
};
