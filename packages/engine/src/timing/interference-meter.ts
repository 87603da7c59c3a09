import type { Interference } from '@headway/protocol';

/** Latest chunks, and latest steps, that count. */
const recent = 64;

/** In a gap of more chunks than this a stream paused by itself, as when it holds text back that may be a stop string. */
const mostChunksInGap = 2;

/** One stream's share in the measurement. */
export interface MeteredStream {
  /** Reports that the stream got a token. `now`: the clock's time in ms. */
  token(now: number): void;
}

/** Measures how long chunks of other prompts keep streams waiting: one for each model. */
export class InterferenceMeter {
  #chunks = 0;
  #last: { tokens: number; ms: number } | null = null;
  /** The longest gap around each of the latest chunks, in ms; 0 until a stream has got a token after it. */
  readonly #gaps = new Float64Array(recent);
  #steps = 0;
  /** The latest times between two tokens of a stream without a chunk, in ms. */
  readonly #stepMs = new Float64Array(recent);

  /** Adds a chunk that was read while streams decoded, when it is done. */
  chunkRead(tokens: number, ms: number): void {
    this.#gaps[this.#chunks++ % recent] = 0;
    this.#last = { tokens, ms };
  }

  /** Begins to measure a stream, from its first token on. */
  addStream(): MeteredStream {
    let last: number | null = null;
    let chunksBefore = 0;
    return {
      token: (now) => {
        if (last !== null) this.#add(now - last, this.#chunks - chunksBefore);
        last = now;
        chunksBefore = this.#chunks;
      },
    };
  }

  /** The latest figures; null before a stream got a token behind a chunk. */
  reading(budgetMs: number): Interference | null {
    const gapMs = Math.max(...this.#gaps);
    if (this.#last === null || gapMs === 0) return null;
    const steps = this.#stepMs.slice(0, Math.min(this.#steps, recent)).toSorted();
    return {
      budgetMs,
      chunkTokens: this.#last.tokens,
      chunkMs: tenths(this.#last.ms),
      decodeMs: steps.length > 0 ? tenths(steps[steps.length >> 1] ?? 0) : null,
      gapMs: tenths(gapMs),
    };
  }

  #add(ms: number, chunks: number): void {
    if (chunks === 0) {
      this.#stepMs[this.#steps++ % recent] = ms;
    } else if (chunks <= mostChunksInGap) {
      const at = (this.#chunks - 1) % recent;
      this.#gaps[at] = Math.max(this.#gaps[at] ?? 0, ms);
    }
  }
}

const tenths = (ms: number) => Math.round(ms * 10) / 10;
