import type { RateSample } from '@headway/client/react';

/** A rate over a part of a phase. Times are in ms since the phase began, without the time in which other prompts were read. */
export interface RatePoint {
  fromMs: number;
  toMs: number;
  tokensPerSecond: number;
}

/** A count of tokens at a time. */
interface Reached {
  ms: number;
  tokens: number;
}

/** More would show the jitter of single tokens. */
const mostPoints = 32;
/** Samples for a point on average: with fewer, a point shows chance. */
const samplesPerPoint = 2;

/**
 * The rates of a phase over time, in parts of equal length; none for a phase too short for two parts. Cached tokens are
 * no reading.
 */
export function ratesOf(samples: readonly RateSample[], phase: 'prefill' | 'decode'): RatePoint[] {
  const reached = phase === 'prefill' ? readOverTime(samples) : writtenOverTime(samples);
  const parts = Math.min(mostPoints, Math.floor((reached.length - 1) / samplesPerPoint));
  const lengthMs = (reached.at(-1)?.ms ?? 0) / parts;
  if (parts < 2 || lengthMs === 0) return [];
  return Array.from({ length: parts }, (_, at) => {
    const [fromMs, toMs] = [at * lengthMs, (at + 1) * lengthMs];
    const tokens = tokensAt(reached, toMs) - tokensAt(reached, fromMs);
    return { fromMs, toMs, tokensPerSecond: (tokens * 1000) / lengthMs };
  });
}

/** Only the time in which this prompt alone was read, and what was read in it. */
function readOverTime(samples: readonly RateSample[]): Reached[] {
  const prefill = samples.filter(({ phase }) => phase === 'prefill');
  const reached: Reached[] = [{ ms: 0, tokens: 0 }];
  for (const [at, sample] of prefill.entries()) {
    const before = prefill[at - 1];
    // The wait began with the last chunk before it is told, and ended some time before the next chunk was read.
    if (!before || before.waiting || sample.waiting) continue;
    const { ms, tokens } = reached.at(-1) as Reached;
    reached.push({
      ms: ms + sample.elapsedMs - before.elapsedMs,
      tokens: tokens + sample.processed - before.processed,
    });
  }
  return reached;
}

/** From the end of the prefill on. */
function writtenOverTime(samples: readonly RateSample[]): Reached[] {
  const first = samples.findIndex(({ phase }) => phase === 'decode');
  if (first === -1) return [];
  const written = samples.slice(Math.max(0, first - 1));
  const startMs = written[0]?.elapsedMs ?? 0;
  return written.map(({ elapsedMs, completionTokens }) => ({ ms: elapsedMs - startMs, tokens: completionTokens }));
}

function tokensAt(reached: readonly Reached[], ms: number): number {
  const next = reached.findIndex((one) => one.ms >= ms);
  const [before, after] = [reached[next - 1], reached[next]];
  if (!after) return reached.at(-1)?.tokens ?? 0;
  if (!before || after.ms === before.ms) return after.tokens;
  return before.tokens + ((after.tokens - before.tokens) * (ms - before.ms)) / (after.ms - before.ms);
}
