import type { PrefixBlocks } from '../estimate/prefix-blocks.ts';

export interface PrefixMemoryOptions {
  /** Most blocks; beyond that the oldest are forgotten. */
  maxBlocks: number;
  /** How long an upstream is assumed to keep what it read, in ms. */
  maxAgeMs: number;
}

/**
 * The prompts that one upstream has read lately, by the blocks of their texts. It is a guess of what the upstream's
 * cache holds: upstreams do not tell.
 */
export class PrefixMemory {
  readonly #options: PrefixMemoryOptions;
  /** When each block was read last, oldest first. */
  readonly #readAt = new Map<number, number>();

  constructor(options: PrefixMemoryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#readAt.size;
  }

  remember(blocks: PrefixBlocks, now: number): void {
    // From the end, so that the beginnings, which other prompts are likelier to share, are forgotten last.
    for (const block of blocks.toReversed()) {
      this.#readAt.delete(block);
      this.#readAt.set(block, now);
    }
    for (const [block, at] of this.#readAt) {
      if (this.#readAt.size <= this.#options.maxBlocks && !this.#isOld(at, now)) break;
      this.#readAt.delete(block);
    }
  }

  /** How many blocks at the prompt's beginning were read lately. */
  known(blocks: PrefixBlocks, now: number): number {
    // Each number stands for the whole text before it, so the last known one decides.
    return 1 + blocks.findLastIndex((block) => !this.#isOld(this.#readAt.get(block) ?? Number.NEGATIVE_INFINITY, now));
  }

  forget(): void {
    this.#readAt.clear();
  }

  #isOld(at: number, now: number): boolean {
    return now - at > this.#options.maxAgeMs;
  }
}
