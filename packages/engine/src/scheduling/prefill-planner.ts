import { chunkSize, longestChunkMs } from '../timing/chunk-size.ts';
import { FirstTokenTime } from '../timing/first-token-time.ts';
import type { PrefillRate } from '../timing/prefill-rate.ts';
import type { PrefillTurns } from './prefill-scheduler.ts';
import { msUntilRead, type ReadingState } from '../timing/prefill-forecast.ts';

/** The share of the time between two tokens that a chunk is planned for: some take a fifth longer than foreseen. */
const planned = 0.8;

export interface TimeToGoOptions {
  rate: PrefillRate;
  turns: PrefillTurns;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
  /** Longest time between two tokens of a stream that chunks of other prompts should cause, in ms. */
  itlBudgetMs: number;
}

/** How long a model's prompts will take, from how long others took and who is before them. */
export class TimeToGo {
  /** What first tokens take besides the reading. */
  readonly firstToken = new FirstTokenTime();
  readonly #options: TimeToGoOptions;

  constructor(options: TimeToGoOptions) {
    this.#options = options;
  }

  /** Tokens of a prompt's next chunk. */
  readonly chunkSize = ({ position, remaining, uncached }: ReadingState, decoders: number): number => {
    const { maxChunk, itlBudgetMs, rate } = this.#options;
    return chunkSize({
      remaining,
      uncached,
      maxChunk,
      budgetMs: decoders > 0 ? Math.min(itlBudgetMs, longestChunkMs) * planned : longestChunkMs,
      predicted: (tokens) => rate.predictMs({ tokens, position, decoders }),
    });
  };

  /** Until a prompt is read that is in the turns already, in ms; null until known. */
  untilRead(own: ReadingState, ahead: readonly ReadingState[]): number | null {
    const { rate, turns } = this.#options;
    return msUntilRead({
      own,
      ahead,
      decoders: turns.decoders,
      chunkSize: this.chunkSize,
      turnMs: rate.predictTurnMs,
    });
  }

  /** Of a prompt that comes now and finds a slot; in ms, null until known. */
  ofNewcomer({ tokens, cached }: { tokens: number; cached: number }): NewcomerTime {
    const { rate, turns } = this.#options;
    // The last token is left to the first decoding step.
    const remaining = tokens - 1 - cached;
    const { ahead, behind } = turns.around(remaining);
    const prefillMs = this.untilRead({ position: cached, remaining, uncached: remaining }, ahead);
    if (prefillMs === null) return { prefillMs, timeToFirstTokenMs: null };
    const decoders = turns.decoders + ahead.length;
    // The first step comes in turn with those who are still read.
    const [next] = behind;
    const chunkMs = next
      ? rate.predictTurnMs({ tokens: this.chunkSize(next, decoders), position: next.position, decoders })
      : 0;
    return {
      prefillMs,
      timeToFirstTokenMs: prefillMs + (chunkMs ?? 0) + this.firstToken.predictMs({ tokens, decoders }),
    };
  }
}

export interface NewcomerTime {
  /** From having a slot to the prompt being read. */
  prefillMs: number | null;
  /** From the request to its first token. */
  timeToFirstTokenMs: number | null;
}
