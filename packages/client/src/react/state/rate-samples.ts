import type { Lifecycle } from '@headway/protocol';

/** How far a generation was at a time, for a chart of its rates. */
export interface RateSample {
  /** Since the gateway received the request, in ms. Measured where the tokens are made. */
  elapsedMs: number;
  phase: Exclude<Lifecycle, 'ended'>;
  /** Whether the engine read other prompts first, in the phase `prefill`. */
  waiting: boolean;
  /** Prompt tokens read, the cached ones included; 0 before the prefill. */
  processed: number;
  /** Tokens written, of all choices together. */
  completionTokens: number;
}

/** Samples of one generation at most. */
export const maxSamples = 256;

/** Samples are at least this far apart, in ms, within a phase. */
const leastSpacingMs = 50;

/**
 * Adds a sample to a list that nobody else holds yet. The last sample is always the latest one; the others are about evenly
 * spaced, and each phase keeps its first and last. Time never goes back.
 */
export function addSample(samples: RateSample[], sample: RateSample): void {
  const last = samples.at(-1);
  const added = { ...sample, elapsedMs: Math.max(sample.elapsedMs, last?.elapsedMs ?? 0) };
  if (last && isBetween(samples.at(-2), last, added, spacingAt(added.elapsedMs))) samples.pop();
  samples.push(added);
  if (samples.length > maxSamples) thin(samples, spacingAt(added.elapsedMs));
}

/** Half the samples that there may be have room at this spacing. */
function spacingAt(elapsedMs: number): number {
  return Math.max(leastSpacingMs, (2 * elapsedMs) / maxSamples);
}

function thin(samples: RateSample[], spacingMs: number): void {
  const kept: RateSample[] = [];
  for (const [at, sample] of samples.entries()) {
    const next = samples[at + 1];
    if (next && isBetween(kept.at(-1), sample, next, spacingMs)) continue;
    kept.push(sample);
  }
  // Only phases that alternate at every sample leave so many.
  samples.splice(0, samples.length, ...kept.slice(-maxSamples));
}

/** Whether a sample tells nothing that its neighbours do not. */
function isBetween(before: RateSample | undefined, sample: RateSample, after: RateSample, spacingMs: number): boolean {
  if (!before || sample.elapsedMs - before.elapsedMs >= spacingMs) return false;
  return isSamePart(before, sample) && isSamePart(sample, after);
}

function isSamePart(a: RateSample, b: RateSample): boolean {
  return a.phase === b.phase && a.waiting === b.waiting;
}
