import type { LlamaOptions } from '@headway/engine';

import type { UpstreamType } from '../upstream/upstream-types.ts';

/** One model that `headway serve` serves. */
export type ServedModel = ServedLocalModel | ServedUpstreamModel;

export interface ServedLocalModel {
  kind: 'local';
  id: string;
  /** Other names in requests; `*` is any name that no model has. */
  aliases: readonly string[];
  /** With `modelId`. */
  llama: LlamaOptions;
  /** Slots. */
  parallel: number;
  /** Tokens of a slot. @default the trained size, as memory allows */
  contextSize?: number;
  /** How long it may idle before it is unloaded, in ms. @default it stays loaded */
  ttlMs?: number;
}

export interface ServedUpstreamModel {
  kind: 'upstream';
  /** @default the upstream's own name for it */
  id?: string;
  aliases: readonly string[];
  /** One, or several that make a pool. */
  upstreams: readonly ServedUpstream[];
  /** Tokens, for upstreams that do not tell it. */
  contextSize?: number;
}

export interface ServedUpstream {
  /** Address of its OpenAI API. */
  url: string;
  /** The model's id there. @default the only one that it lists, or the id here */
  model?: string;
  /** @default detected */
  type?: UpstreamType;
  /** For requests to it alone: it goes into no log, no error and no client's sight. */
  key?: string;
  /** Requests that it gets at once. */
  concurrency?: number;
}
