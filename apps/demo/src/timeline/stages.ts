import type { GenerationState, RateSample } from '@headway/client/react';

import type { Stage } from '../words/progress/stage-words.ts';
import { readingMs, readTokens } from '../words/progress/strip-words.ts';

type Figures = Pick<
  GenerationState,
  'state' | 'prefill' | 'usage' | 'timings' | 'completionTokens' | 'tokensPerSecond' | 'samples'
>;

/**
 * The stages that an answer has been through. The times are those of the gateway: its own sums once the answer has ended,
 * those of its events before. A model that was there already has no stage `loading`.
 */
export function stagesOf(answer: Figures): Stage[] {
  const { state, prefill, usage, timings, completionTokens, tokensPerSecond, samples } = answer;
  const seen = msByPhase(samples);
  const loading = Math.min(seen.loading, timings?.queuedMs ?? Number.POSITIVE_INFINITY);
  const queued = timings ? timings.queuedMs - loading : seen.queued;
  const prefillMs = timings?.prefillMs ?? seen.prefill + seen.waiting;
  const reading = readingMs(answer);
  const stages: Stage[] = [{ kind: 'queued', ms: queued, running: state === 'queued' }];
  if (loading > 0) {
    // A model may load before the queue, or after it: when memory becomes free.
    const first = samples.find(({ phase }) => phase === 'loading' || phase === 'queued');
    const at = first?.phase === 'loading' ? 0 : 1;
    stages.splice(at, 0, { kind: 'loading', ms: loading, running: state === 'loading' });
  }
  // An imported answer has no events any more, but what it used.
  if (prefill?.phase === 'prefill' || (usage && usage.promptTokens > 0)) {
    stages.push({
      kind: 'prefill',
      ms: prefillMs,
      running: state === 'prefill',
      tokens: readTokens(answer),
      cached: usage?.cachedTokens ?? prefill?.cached ?? 0,
      tokensPerSecond: timings?.prefillTokensPerSecond ?? prefill?.tokensPerSecond ?? null,
      waitedMs: seen.waiting === 0 || reading === null ? seen.waiting : Math.max(0, prefillMs - reading),
    });
  }
  if (completionTokens > 0) {
    const ms = timings?.decodeMs ?? seen.decode;
    stages.push({ kind: 'decode', ms, running: state === 'decode', tokens: completionTokens, tokensPerSecond });
  }
  return stages;
}

/** The time in each phase. What came before the first event counts as the queue, as in the gateway's sums. */
function msByPhase(samples: readonly RateSample[]): Record<RateSample['phase'] | 'waiting', number> {
  const sums = { queued: samples[0]?.elapsedMs ?? 0, loading: 0, prefill: 0, waiting: 0, decode: 0 };
  for (const [at, sample] of samples.entries()) {
    const next = samples[at + 1];
    if (!next) continue;
    // The prefill's last event is its end, and a token comes when it is written.
    const phase = next.phase === 'decode' ? 'decode' : sample.waiting ? 'waiting' : sample.phase;
    sums[phase] += next.elapsedMs - sample.elapsedMs;
  }
  return sums;
}
