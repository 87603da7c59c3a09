import type { KeySource } from './upstream-key.ts';
import type { UpstreamType } from './upstream-types.ts';

/** One server that answers for a model, as flags or a config file name it. */
export interface UpstreamSettings extends KeySource {
  /** Address of its OpenAI API, as a rule with `/v1` at its end. */
  url: string;
  /** The model's id at the upstream. @default the only one that it lists, or the id here */
  model?: string;
  /** @default detected when it is reached */
  type?: UpstreamType;
  /** Requests that it gets at once. */
  concurrency?: number;
}
