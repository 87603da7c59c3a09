import type { Token } from 'node-llama-cpp';

/**
 * The parts of node-llama-cpp's private interface that the batch loop uses. The model tests of this folder fail when
 * they change.
 */
export interface ContextBindings {
  setThreads(threads: number): void;
  /** Begins a batch of this many tokens. */
  initBatch(tokens: number): void;
  /** Returns the places in the batch of the tokens at `drawAt`. */
  addToBatch(sequenceId: number, position: number, tokens: Uint32Array, drawAt: Uint32Array): Uint32Array;
  /** Computes the batch in a job for libuv's threads. */
  decodeBatch(): Promise<void>;
  /** Draws a token in a job for libuv's threads; -1 where none can be drawn. */
  sampleToken(output: number, sampler: SamplerBinding): Promise<Token>;
  /** Also returns the probabilities: tokens and their probability in turns, the likeliest first. */
  sampleToken(output: number, sampler: SamplerBinding, probabilities: true): Promise<[Token, ...number[][]]>;
}

export interface SamplerBinding {
  applyConfig(config: object): void;
  /** No draw may be running. */
  dispose(): void;
}

/** A sequence's tokens that wait for a batch, as node-llama-cpp hands them to its context. */
export interface QueuedDecode {
  sequenceId: number;
  firstTokenSequenceIndex: number;
  tokens: readonly number[];
  /** Whether a token is drawn after the token of the same index. */
  logits: readonly (boolean | undefined)[];
  tokenMeter: { useTokens(tokens: number, type: 'input' | 'output'): void };
}

export interface PrivateContext {
  readonly _ctx: ContextBindings;
  /** Resolves with the drawn values by the position of the token before them. */
  _decodeTokens(
    queued: QueuedDecode,
    draw: (output: number, position: number) => unknown,
  ): Promise<[position: number, drawn: unknown][]>;
}

export interface PrivateSequence {
  readonly _sequenceId: number;
  _nextTokenIndex: number;
  readonly _contextTokens: Token[];
  _abortTokenPredictor(skipClearing: boolean, skipLock: boolean): Promise<void>;
  _resolveSamplerConfig(options: object): object;
  _eraseContextTokenRanges(...args: unknown[]): Promise<unknown>;
  _copyStateFromOtherSequence(...args: unknown[]): Promise<unknown>;
  takeCheckpoint(): Promise<void>;
}

export interface PrivateModel {
  readonly _model: unknown;
  readonly _llama: { readonly _bindings: { AddonSampler: new (model: unknown) => SamplerBinding } };
}
