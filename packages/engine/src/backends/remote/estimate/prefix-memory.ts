import { charactersInBlocks, type PrefixBlocks } from './prefix-blocks.ts';

export interface PromptText {
  blocks: PrefixBlocks;
  /** Characters of the text that the blocks were made of. */
  characters: number;
  tokens: number;
}

/** A prompt on its way to the upstream. */
export interface SentPrefix {
  /** Tokens that the upstream should have in its cache; fewer than all. */
  cached: number;
  /** What it had in fact. */
  usage(cachedTokens: number): void;
}

/** The room beyond what it held, when something is found that it seemed to have forgotten. */
const roomAfterHit = 1.25;

/** A cached part below this share of the known one is a miss; upstreams count whole blocks only. */
const missShare = 0.5;

/**
 * Forecasts which part of a prompt an upstream has in its prefix cache: what was sent there before, unless so much came
 * after that it must have forgotten it. How much that is, it learns from what the upstream says of each prompt. One for
 * each upstream and model.
 */
export class PrefixMemory {
  readonly #limit: number;
  /** For each block, how many tokens had been sent when it was sent last; the oldest ones first. */
  readonly #sent = new Map<number, number>();
  #sentTokens = 0;
  /** Tokens that the upstream holds, as far as known. */
  #capacity = Number.POSITIVE_INFINITY;

  /** `limit`: most blocks to remember. @default 20,000: some 50 different prompts of a million characters, 1 MB */
  constructor({ limit = 20_000 }: { limit?: number } = {}) {
    this.#limit = limit;
  }

  /** Blocks remembered. */
  get size(): number {
    return this.#sent.size;
  }

  /** Forecasts the cached part of a prompt, and remembers that it is sent now. */
  send(prompt: PromptText): SentPrefix {
    const known = this.#known(prompt);
    const { tokens, held } = known.at(-1) ?? { tokens: 0, held: 0 };
    const cached = known.findLast((block) => block.held <= this.#capacity)?.tokens ?? 0;
    this.add(prompt);
    return { cached, usage: (cachedTokens) => this.#learn({ tokens, held, cachedTokens }) };
  }

  /** Adds what the upstream holds: a prompt with its answer, since the next one of a conversation starts with both. */
  add(prompt: PromptText): void {
    this.#sentTokens += prompt.tokens - (this.#known(prompt).at(-1)?.tokens ?? 0);
    // The first blocks come last, so that a prompt loses its end first, as in an upstream.
    for (const block of prompt.blocks.toReversed()) {
      this.#sent.delete(block);
      this.#sent.set(block, this.#sentTokens);
    }
    for (const [block] of this.#sent) {
      if (this.#sent.size <= this.#limit) break;
      this.#sent.delete(block);
    }
  }

  /**
   * The leading blocks that were sent before: tokens up to each one's end, and how many the upstream holds if it still
   * has them.
   */
  #known({ blocks, characters, tokens: all }: PromptText): { tokens: number; held: number }[] {
    const unknown = blocks.findIndex((block) => !this.#sent.has(block));
    return blocks.slice(0, unknown === -1 ? blocks.length : unknown).map((block, at) => {
      const share = Math.min(1, charactersInBlocks(at + 1) / characters);
      const tokens = Math.min(Math.floor(all * share), all - 1);
      return { tokens, held: tokens + this.#sentTokens - (this.#sent.get(block) ?? 0) };
    });
  }

  #learn({ tokens, held, cachedTokens }: { tokens: number; held: number; cachedTokens: number }): void {
    if (tokens === 0) return;
    if (cachedTokens < missShare * tokens) this.#capacity = Math.min(this.#capacity, held - tokens + cachedTokens);
    else this.#capacity = Math.max(this.#capacity, roomAfterHit * held);
  }
}
