import type { DialectName } from '@headway/engine';

/** The kinds of servers that an upstream can be: the engine's dialects, without importing it for a list of names. */
export const upstreamTypes = [
  'openai',
  'llama-server',
  'vllm',
  'sglang',
  'ollama',
  'lm-studio',
  'exo',
  'swiftlm',
  'mlx-lm',
  'headway',
] as const satisfies readonly DialectName[];

export type UpstreamType = (typeof upstreamTypes)[number];
