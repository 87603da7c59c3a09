/** The kinds of servers that an upstream can be. */
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
] as const;

export type UpstreamType = (typeof upstreamTypes)[number];
