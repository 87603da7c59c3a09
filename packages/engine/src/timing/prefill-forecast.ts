import { lowestRung } from './chunk-size.ts';

/** The prefill progress of a prompt. */
export interface PrefillState {
  /** Prompt tokens in memory, including the cached ones. */
  position: number;
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens without the cached ones. */
  uncached: number;
}

export interface PrefillForecast {
  /** The prompt to predict. */
  own: PrefillState;
  /** Prompts of the same model that are prefilled first, in their order. */
  ahead: readonly PrefillState[];
  /** Streams that decode at present. */
  decoders: number;
  /** Tokens of the next chunk. */
  chunkSize: (state: PrefillState, decoders: number) => number;
  /** Time from a chunk's start to the next one's start, in ms; null before any chunk was measured. */
  intervalMs: (load: { tokens: number; position: number; decoders: number }) => number | null;
}

/** Parts of a prompt with chunks of one size each: predicting every chunk of a long prompt takes too long. */
const parts = 32;

/**
 * Time until a prompt is prefilled, in ms; null before any chunk was measured. Assumes that every prompt ahead decodes
 * after its prefill and that no decoding stream ends, since its length is unknown.
 */
export function msUntilPrefilled({ own, ahead, decoders, chunkSize, intervalMs }: PrefillForecast): number | null {
  let sum = 0;
  for (const [done, state] of [...ahead, own].entries()) {
    const ms = msToRead(state, decoders + done, chunkSize, intervalMs);
    if (ms === null) return null;
    sum += ms;
  }
  return sum;
}

function msToRead(
  { position, remaining, uncached }: PrefillState,
  decoders: number,
  chunkSize: PrefillForecast['chunkSize'],
  intervalMs: PrefillForecast['intervalMs'],
): number | null {
  let sum = 0;
  const end = position + remaining;
  for (let at = position; at < end;) {
    const left = end - at;
    const tokens = chunkSize({ position: at, remaining: left, uncached }, decoders);
    // The remainder over a multiple of 64 is one chunk, read first.
    const alike = tokens % lowestRung === 0 ? Math.floor(Math.min(left, remaining / parts) / tokens) : 1;
    const chunks = Math.max(1, alike);
    // A chunk's time grows linearly with its position, so the middle chunk is the mean.
    const ms = intervalMs({ tokens, position: at + ((chunks - 1) * tokens) / 2, decoders });
    if (ms === null) return null;
    sum += chunks * ms;
    at += chunks * tokens;
  }
  return sum;
}
