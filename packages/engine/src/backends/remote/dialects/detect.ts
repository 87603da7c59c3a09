import type { Probe } from '../http/probe.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { headway } from './headway/headway.ts';
import { llamaServer } from './llama-server.ts';
import { openai } from './openai.ts';
import { vllm } from './vllm.ts';

/** In the order in which they are tried; the last one fits every server. */
const dialects: readonly Dialect[] = [headway, llamaServer, vllm, openai];

/** The dialect by its name, or the one that recognises the server. */
export function chooseDialect(probe: Probe, named?: DialectName): Dialect {
  const chosen = named ? dialects.find(({ name }) => name === named) : dialects.find((one) => one.recognizes(probe));
  return chosen ?? openai;
}
