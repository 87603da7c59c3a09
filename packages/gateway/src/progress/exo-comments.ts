import type { DoneEvent, PrefillEvent, Usage } from '@headway/protocol';

/** The prefill as exo's comment line; null while the model loads, for which it has no word. */
export function exoProgressComment(model: string, event: PrefillEvent): string | null {
  const { phase, queuePosition, processed, cached, total } = event;
  if (phase === 'loading' || total === null) return null;
  const chunk = {
    model,
    processed_tokens: phase === 'queued' ? cached : processed,
    total_tokens: total,
    ...(queuePosition !== null && { queue_position: queuePosition }),
  };
  return `prefill_progress ${JSON.stringify({ PrefillProgressChunk: chunk })}`;
}

/**
 * What exo says at the end, as its comment line. `completionTokens` are those of all choices. The gateway does not know
 * how much memory the engine took.
 */
export function exoStatsComment({ usage, timings }: Pick<DoneEvent, 'usage' | 'timings'>, completionTokens: number) {
  const stats = {
    prompt_tps: timings.prefillTokensPerSecond ?? 0,
    generation_tps: timings.decodeTokensPerSecond ?? 0,
    prompt_tokens: usage.promptTokens,
    generation_tokens: completionTokens,
    peak_memory_usage: null,
    prefix_cache_hit: prefixCacheHit(usage),
  };
  return `generation_stats ${JSON.stringify(stats)}`;
}

/** The last token is read anew in any case, since the answer begins with what the model makes of it. */
function prefixCacheHit({ promptTokens, cachedTokens }: Usage): 'none' | 'partial' | 'exact' {
  if (cachedTokens === 0) return 'none';
  return cachedTokens >= promptTokens - 1 ? 'exact' : 'partial';
}
