import { totalmem } from 'node:os';

import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';

import { isEndForCheckpoint, isPlaceForCheckpoint } from './checkpoint-places.ts';

/** The part of node-llama-cpp's private interface that this file uses. The tests of this file fail when it changes. */
interface PrivateContext {
  readonly _ctx: { getSequenceKvCacheMinPosition(sequenceId: number): number };
}
interface PrivateSequence {
  readonly _sequenceId: number;
  readonly _checkpoints: { readonly _checkpoints: readonly (readonly [name: unknown, data: { maxPos: number }])[] };
}

/** Most bytes for the checkpoints of all slots, except that each slot may always keep one. */
const mostMemory = Math.min(2 ** 30, totalmem() / 8);

/** Most checkpoints taken of one prompt. */
const mostOfPrompt = 8;

/** Most checkpoints in a slot; beyond it, or beyond its memory, the oldest go. */
const mostOfSlot = 32;

/**
 * How many of its last tokens a model's memory surely holds, so that it can be cut back only while it holds no more:
 * the window of sliding-window attention, 0 for a recurrent state; null where it can always be cut back.
 */
export function memoryWindow({ fileInsights, fileInfo }: LlamaModel): number | null {
  if (fileInsights.isRecurrent || fileInsights.isHybrid) return 0;
  // These files name a window that llama.cpp does not apply; a checkpoint would copy the whole memory.
  if (fileInfo.metadata.general.architecture === 'phi3') return null;
  return fileInsights.swaSize ?? null;
}

/** node-llama-cpp's checkpoint options for one of this many sequences. It takes none by itself. */
export function checkpointOptions(sequences: number) {
  return { max: mostOfSlot, interval: false as const, maxMemory: mostMemoryOf(sequences) };
}

const mostMemoryOf = (sequences: number) => Math.floor(mostMemory / sequences);

/**
 * Takes control of when checkpoints are taken and restored, for all sequences of a context that were opened with
 * `checkpointOptions`. Returns null for each sequence where the memory can be cut back.
 */
export function openCheckpoints(
  context: LlamaContext,
  sequences: readonly LlamaContextSequence[],
  maxMemory = mostMemoryOf(sequences.length),
): (Checkpoints | null)[] {
  const window = memoryWindow(context.model);
  if (window === null) {
    for (const sequence of sequences) Object.defineProperty(sequence, 'needsCheckpoints', { value: false });
    return sequences.map(() => null);
  }
  const held = new Map(sequences.map((sequence) => [(sequence as unknown as PrivateSequence)._sequenceId, sequence]));
  // node-llama-cpp cuts back while any token of the window is left; the tokens read next would then see too few before
  // them.
  const firstPosition: PrivateContext['_ctx']['getSequenceKvCacheMinPosition'] = (id) => {
    const tokens = held.get(id)?.nextTokenIndex ?? 0;
    return tokens > window ? tokens : 0;
  };
  const { _ctx } = context as unknown as PrivateContext;
  Object.defineProperty(_ctx, 'getSequenceKvCacheMinPosition', { value: firstPosition });
  return sequences.map((sequence) => new Checkpoints(sequence, { window, maxMemory }));
}

/**
 * Checkpoints of a sequence whose memory cannot be cut back. When the next prompt shares only the first tokens with the
 * memory, node-llama-cpp restores the last checkpoint that holds no more than those.
 */
export class Checkpoints {
  readonly #sequence: LlamaContextSequence;
  readonly #window: number;
  readonly #maxMemory: number;
  readonly #take: () => Promise<void>;
  /** Bytes of one checkpoint. */
  #size = 0;

  constructor(sequence: LlamaContextSequence, { window, maxMemory }: { window: number; maxMemory: number }) {
    this.#sequence = sequence;
    this.#window = window;
    this.#maxMemory = maxMemory;
    this.#take = sequence.takeCheckpoint.bind(sequence);
    // node-llama-cpp takes its own when it reads tokens again, at places where no prompt continues.
    sequence.takeCheckpoint = () => Promise.resolve();
  }

  /** Tokens that stay in memory when it is cut back to its first `tokens` at most. */
  reusable(tokens: number): number {
    const { nextTokenIndex } = this.#sequence;
    if (tokens >= nextTokenIndex) return nextTokenIndex;
    if (nextTokenIndex <= this.#window) return tokens;
    return this.#held.findLast((held) => held <= tokens) ?? 0;
  }

  /** Clears the memory after a checkpoint could not be restored: the older ones refer to tokens that are gone. */
  async dropOrphans(): Promise<void> {
    if (this.#sequence.nextTokenIndex === 0 && this.#held.length > 0) await this.#sequence.clearHistory();
  }

  /** Wraps `read`, which reads one chunk, so that it also takes checkpoints; none after the signal aborts. */
  withCheckpoints(
    read: (from: number, to: number) => Promise<unknown>,
    { from, end, signal }: { from: number; end: number; signal: AbortSignal },
  ) {
    return async (at: number, to: number): Promise<void> => {
      const last = this.#held.at(-1) ?? 0;
      const room = this.#size === 0 ? mostOfPrompt : Math.min(mostOfPrompt, Math.floor(this.#maxMemory / this.#size));
      if (isPlaceForCheckpoint({ at, to, end, from, last, room })) await this.#takeHere();
      await read(at, to);
      if (to === end && !signal.aborted && isEndForCheckpoint({ end, last: this.#held.at(-1) ?? 0 }))
        await this.#takeHere();
    };
  }

  async #takeHere(): Promise<void> {
    await this.#take();
    const { length } = this.#held;
    if (length > 0) this.#size = Math.max(this.#size, this.#sequence.checkpointsMemoryUsage / length);
  }

  /** How many tokens each checkpoint holds, fewest first. */
  get #held(): number[] {
    return (this.#sequence as unknown as PrivateSequence)._checkpoints._checkpoints.map(([, { maxPos }]) => maxPos + 1);
  }
}
