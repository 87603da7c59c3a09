import type { Probe } from '../http/probe.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { exo } from './exo.ts';
import { headway } from './headway/headway.ts';
import { llamaServer } from './llama-server.ts';
import { lmStudio } from './lm-studio.ts';
import { mlxLm } from './mlx-lm.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { sglang } from './sglang.ts';
import { swiftlm } from './swiftlm.ts';
import { vllm } from './vllm.ts';

/** In the order in which they are tried: SGLang answers Ollama's paths too, and the last one fits every server. */
const dialects: readonly Dialect[] = [
  headway,
  llamaServer,
  sglang,
  vllm,
  exo,
  lmStudio,
  ollama,
  swiftlm,
  mlxLm,
  openai,
];

/** The dialect by its name, or the one that recognises the server. */
export function chooseDialect(probe: Probe, named?: DialectName): Dialect {
  const chosen = named ? dialects.find(({ name }) => name === named) : dialects.find((one) => one.recognizes(probe));
  return chosen ?? openai;
}
