import { lowestRung } from './chunk-size.ts';

/** How far a prompt has been read. */
export interface ReadingState {
  /** Prompt tokens in memory, the cached ones included. */
  position: number;
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens that had to be read in all. */
  uncached: number;
}

export interface ReadingForecast {
  /** The prompt in question. */
  own: ReadingState;
  /** Prompts of the same model that are read before it, in their order. */
  ahead: readonly ReadingState[];
  /** Streams that decode now. */
  decoders: number;
  /** Tokens of the next chunk. */
  chunkSize: (state: ReadingState, decoders: number) => number;
  /** From a chunk's start to the start of the next one, in ms; null when nothing is known. */
  turnMs: (load: { tokens: number; position: number; decoders: number }) => number | null;
}

/** Parts of a prompt in which chunks are taken to be equally large: a long prompt is not foreseen chunk by chunk. */
const parts = 32;

/**
 * Time until a prompt is read, in ms; null when nothing is known. Whoever is read before it decodes when it is done, and
 * whoever decodes goes on: that is not known to end.
 */
export function msUntilRead({ own, ahead, decoders, chunkSize, turnMs }: ReadingForecast): number | null {
  let sum = 0;
  for (const [done, state] of [...ahead, own].entries()) {
    const ms = msToRead(state, decoders + done, chunkSize, turnMs);
    if (ms === null) return null;
    sum += ms;
  }
  return sum;
}

function msToRead(
  { position, remaining, uncached }: ReadingState,
  decoders: number,
  chunkSize: ReadingForecast['chunkSize'],
  turnMs: ReadingForecast['turnMs'],
): number | null {
  let sum = 0;
  const end = position + remaining;
  for (let at = position; at < end;) {
    const left = end - at;
    const tokens = chunkSize({ position: at, remaining: left, uncached }, decoders);
    // What a prompt has over a multiple of 64 is read first, once.
    const alike = tokens % lowestRung === 0 ? Math.floor(Math.min(left, remaining / parts) / tokens) : 1;
    const chunks = Math.max(1, alike);
    // Chunks cost more by as much as they are later: the mean one stands for all.
    const ms = turnMs({ tokens, position: at + ((chunks - 1) * tokens) / 2, decoders });
    if (ms === null) return null;
    sum += chunks * ms;
    at += chunks * tokens;
  }
  return sum;
}
