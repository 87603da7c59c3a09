import { totalmem } from 'node:os';

import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';

import { isEndForCheckpoint, isPlaceForCheckpoint } from './checkpoint-places.ts';

/** What is used of node-llama-cpp's inside. The tests of this file fail when one of them changes. */
interface ContextInside {
  readonly _ctx: { getSequenceKvCacheMinPosition(sequenceId: number): number };
}
interface SequenceInside {
  readonly _sequenceId: number;
  readonly _checkpoints: { readonly _checkpoints: readonly (readonly [name: unknown, data: { maxPos: number }])[] };
}

/** Most bytes that the checkpoints of all slots take, unless one a slot takes more. */
const mostMemory = Math.min(2 ** 30, totalmem() / 8);

/** Most checkpoints taken of one prompt. */
const mostOfPrompt = 8;

/** Most checkpoints a slot holds; beyond it and beyond its memory the oldest go. */
const mostOfSlot = 32;

/**
 * How many of the last tokens a model's memory is sure to hold, so that it can be cut back only before there are more:
 * the window of sliding-window attention, 0 for a recurrent state; null where it can always be cut back.
 */
export function memoryWindow({ fileInsights, fileInfo }: LlamaModel): number | null {
  if (fileInsights.isRecurrent || fileInsights.isHybrid) return 0;
  // The files name a window that llama.cpp does not apply; a checkpoint would be all of the memory.
  if (fileInfo.metadata.general.architecture === 'phi3') return null;
  return fileInsights.swaSize ?? null;
}

/** What node-llama-cpp is told about the checkpoints of one of so many sequences: it takes none by itself. */
export function checkpointOptions(sequences: number) {
  return { max: mostOfSlot, interval: false as const, maxMemory: mostMemoryOf(sequences) };
}

const mostMemoryOf = (sequences: number) => Math.floor(mostMemory / sequences);

/**
 * Takes over when checkpoints are taken and when one is gone back to, for all sequences of a context that were opened
 * with `checkpointOptions`. Null for each where the memory can be cut back.
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
  const held = new Map(sequences.map((sequence) => [(sequence as unknown as SequenceInside)._sequenceId, sequence]));
  // node-llama-cpp cuts a window back as long as a token of it is left, and what is read then sees too few before it.
  const firstPosition: ContextInside['_ctx']['getSequenceKvCacheMinPosition'] = (id) => {
    const tokens = held.get(id)?.nextTokenIndex ?? 0;
    return tokens > window ? tokens : 0;
  };
  const { _ctx } = context as unknown as ContextInside;
  Object.defineProperty(_ctx, 'getSequenceKvCacheMinPosition', { value: firstPosition });
  return sequences.map((sequence) => new Checkpoints(sequence, { window, maxMemory }));
}

/**
 * States of a sequence whose memory cannot be cut back. When the next prompt has only the first tokens in common with
 * what lies there, node-llama-cpp goes back to the last of these that holds no more than they.
 */
export class Checkpoints {
  readonly #sequence: LlamaContextSequence;
  readonly #window: number;
  readonly #maxMemory: number;
  readonly #take: () => Promise<void>;
  /** Bytes of one. */
  #size = 0;

  constructor(sequence: LlamaContextSequence, { window, maxMemory }: { window: number; maxMemory: number }) {
    this.#sequence = sequence;
    this.#window = window;
    this.#maxMemory = maxMemory;
    this.#take = sequence.takeCheckpoint.bind(sequence);
    // node-llama-cpp takes some by itself where it reads a memory again, which is not where prompts go on.
    sequence.takeCheckpoint = () => Promise.resolve();
  }

  /** Tokens that are left in memory when it is cut back to the first so many at most. */
  within(tokens: number): number {
    const { nextTokenIndex } = this.#sequence;
    if (tokens >= nextTokenIndex) return nextTokenIndex;
    if (nextTokenIndex <= this.#window) return tokens;
    return this.#held.findLast((held) => held <= tokens) ?? 0;
  }

  /** After one could not be gone back to, nothing is left that those before it are a part of. */
  async dropOrphans(): Promise<void> {
    if (this.#sequence.nextTokenIndex === 0 && this.#held.length > 0) await this.#sequence.clearHistory();
  }

  /** Reads a prompt as `read` does, and takes checkpoints on the way. After the signal's end it takes none. */
  keeping(
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

  /** How many tokens each holds, fewest first. */
  get #held(): number[] {
    return (this.#sequence as unknown as SequenceInside)._checkpoints._checkpoints.map(([, { maxPos }]) => maxPos + 1);
  }
}
