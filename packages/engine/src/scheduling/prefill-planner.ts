import { chunkSize, longestChunkMs, longestLoneChunkMs } from '../timing/chunk-size.ts';
import { FirstTokenTime } from '../timing/first-token-time.ts';
import type { PrefillRate } from '../timing/prefill-rate.ts';
import type { PrefillScheduler } from './prefill-scheduler.ts';
import { msUntilPrefilled, type PrefillState } from '../timing/prefill-forecast.ts';

/**
 * Chunks are planned for this share of the time between two tokens, because some take a fifth longer than predicted.
 */
const plannedShare = 0.8;

export interface PrefillPlannerOptions {
  rate: PrefillRate;
  scheduler: PrefillScheduler;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
  /** Longest gap between two tokens of a stream that chunks of other prompts may cause, in ms. */
  itlBudgetMs: number;
}

/** Chooses chunk sizes and predicts prefill times for the prompts of a model, from measured chunks. */
export class PrefillPlanner {
  /** Time of a first token besides prefill. */
  readonly firstToken = new FirstTokenTime();
  readonly #options: PrefillPlannerOptions;

  constructor(options: PrefillPlannerOptions) {
    this.#options = options;
  }

  /** Longest time of a chunk while streams decode, in ms. */
  get budgetMs(): number {
    return Math.min(this.#options.itlBudgetMs, longestChunkMs) * plannedShare;
  }

  /** Size of a prompt's next chunk, in tokens. */
  readonly chunkSize = ({ position, remaining, uncached }: PrefillState, decoders: number): number => {
    const { maxChunk, rate } = this.#options;
    const alone = decoders === 0;
    return chunkSize({
      remaining,
      uncached,
      maxChunk,
      budgetMs: alone ? longestChunkMs : this.budgetMs,
      limitMs: alone ? longestLoneChunkMs : this.budgetMs,
      predicted: (tokens) => rate.predictMs({ tokens, position, decoders }),
      interval: (tokens) => rate.predictIntervalMs({ tokens, position, decoders }),
    });
  };

  /** Time until a prompt that is in the scheduler is prefilled, in ms; null before any chunk was measured. */
  msUntilPrefilled(own: PrefillState, ahead: readonly PrefillState[]): number | null {
    const { rate, scheduler } = this.#options;
    return msUntilPrefilled({
      own,
      ahead,
      decoders: scheduler.decoders,
      chunkSize: this.chunkSize,
      intervalMs: rate.predictIntervalMs,
    });
  }

  /**
   * Times of a prompt that would get a slot now, in ms; null before any chunk was measured. `end`: position where its
   * prefill ends.
   */
  forNewPrompt({ tokens, end, cached }: { tokens: number; end: number; cached: number }): NewPromptTimes {
    const { rate, scheduler } = this.#options;
    const remaining = end - cached;
    const { ahead, behind } = scheduler.around(remaining);
    const prefillMs = this.msUntilPrefilled({ position: cached, remaining, uncached: remaining }, ahead);
    if (prefillMs === null) return { prefillMs, timeToFirstTokenMs: null };
    const decoders = scheduler.decoders + ahead.length;
    // Where decoding draws the first token, its first step may wait for one chunk of the prompts behind this one.
    const [next] = end < tokens ? behind : [];
    const chunkMs = next
      ? rate.predictIntervalMs({ tokens: this.chunkSize(next, decoders), position: next.position, decoders })
      : 0;
    return {
      prefillMs,
      timeToFirstTokenMs: prefillMs + (chunkMs ?? 0) + this.firstToken.predictMs({ tokens, decoders }),
    };
  }
}

export interface NewPromptTimes {
  /** From getting a slot to the end of prefill. */
  prefillMs: number | null;
  /** From the request to its first token. */
  timeToFirstTokenMs: number | null;
}
