import type { LlamaOptions, UpstreamOptions } from '@headway/engine';

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
  upstreams: readonly UpstreamOptions[];
  /** Tokens, for upstreams that do not tell it. */
  contextSize?: number;
}
