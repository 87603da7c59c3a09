import type { DoneEvent, PrefillEvent, SpanProgress, Usage } from '@headway/protocol';

/**
 * Prefill progress as exo's comment line; null while the model loads, which exo's format cannot express. `queue_position`
 * and `span` are Headway's extensions.
 */
export function exoProgressComment(model: string, event: PrefillEvent, span: SpanProgress | null): string | null {
  const { phase, queuePosition, processed, cached, total } = event;
  if (phase === 'loading' || total === null) return null;
  const chunk = {
    model,
    processed_tokens: phase === 'queued' ? cached : processed,
    total_tokens: total,
    ...(queuePosition !== null && { queue_position: queuePosition }),
    ...(span && { span: spanOf(span) }),
  };
  return `prefill_progress ${JSON.stringify({ PrefillProgressChunk: chunk })}`;
}

function spanOf({ name, number, of, processed, total }: SpanProgress) {
  return { name, number, of, processed_tokens: processed, total_tokens: total };
}

/**
 * exo's statistics at the end of a stream, as its comment line. `completionTokens` are those of all choices. The peak
 * memory is null: the gateway does not know it.
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

/**
 * All prompt tokens but one count as `exact`: the engine always reads the last one again, to predict the first token.
 */
function prefixCacheHit({ promptTokens, cachedTokens }: Usage): 'none' | 'partial' | 'exact' {
  if (cachedTokens === 0) return 'none';
  return cachedTokens >= promptTokens - 1 ? 'exact' : 'partial';
}
