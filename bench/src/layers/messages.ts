import type { InStep } from '../write-in-step.ts';

export type LayerKind = 'bare' | 'inline' | 'isolated';

/** To a layer's process. */
export interface LayerCommand {
  streams: number;
  tokens: number;
}

/** From a layer's process: `ready` once, then one answer to each command. */
export type LayerMessage = { kind: 'ready' } | ({ kind: 'written' } & InStep);
