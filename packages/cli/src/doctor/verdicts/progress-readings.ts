import { jsonOf, objectOrNull, type StreamItem } from '../streams/stream-items.ts';

/** One report of prefill progress, in tokens. */
export interface ProgressReading {
  /** Cached tokens included. */
  processed: number;
  total: number;
  /** Null if the dialect does not report it. */
  cached: number | null;
}

/** Reads one item; null if it does not report prefill, for example while the request is queued. */
type ReadProgress = (item: StreamItem) => ProgressReading | null;

/** Reads each progress dialect as its own clients do. */
export const dialectReaders = {
  /** `prompt_progress` in a chunk; https://github.com/ggml-org/llama.cpp/tree/master/tools/server */
  return_progress(item) {
    const progress = objectOrNull(jsonOf(item)?.['prompt_progress']);
    return progress && reading(progress, { processed: 'processed', total: 'total', cached: 'cache' });
  },
  /** Headway's event `prefill_progress`. */
  named(item) {
    const progress = namedData(item);
    return progress?.['phase'] === 'prefill'
      ? reading(progress, { processed: 'processed', total: 'total', cached: 'cached' })
      : null;
  },
  /** exo's comment line; https://github.com/exo-explore/exo */
  comment(item) {
    const [, json] = item.type === 'comment' ? (/^\s*prefill_progress (\{.*\})\s*$/.exec(item.text) ?? []) : [];
    if (json === undefined) return null;
    const data = jsonOf({ type: 'event', name: null, id: null, data: json });
    const chunk = objectOrNull(data?.['PrefillProgressChunk']);
    return chunk && reading(chunk, { processed: 'processed_tokens', total: 'total_tokens' });
  },
  /** SwiftLM's lean event of the same name. */
  swiftlm(item) {
    const progress = namedData(item);
    return progress?.['status'] === 'processing'
      ? reading(progress, { processed: 'n_past', total: 'n_prompt_tokens' })
      : null;
  },
} as const satisfies Record<string, ReadProgress>;

export type ReadableDialect = keyof typeof dialectReaders;

/** All progress reports of a stream in these dialects, in order. */
export function progressIn(items: readonly StreamItem[], dialects: readonly ReadableDialect[]): ProgressReading[] {
  return items.flatMap((item) => {
    for (const dialect of dialects) {
      const found = dialectReaders[dialect](item);
      if (found) return [found];
    }
    return [];
  });
}

/** The fault of a stream's progress; null if it goes from the cached tokens to the end. */
export function progressFault(readings: readonly ProgressReading[]): string | null {
  const [first] = readings;
  const last = readings.at(-1);
  if (!first || !last) return 'there is no progress';
  if (first.cached !== null && first.processed !== first.cached) {
    return `progress begins at ${first.processed}, not at the ${first.cached} cached tokens`;
  }
  if (readings.some(({ total }) => total !== first.total)) return 'progress changes its total';
  if (readings.some(({ processed }, at) => processed < (readings[at - 1]?.processed ?? 0))) return 'progress goes back';
  if (last.processed !== last.total) return `progress ends at ${last.processed} of ${last.total} tokens`;
  return null;
}

function namedData(item: StreamItem): Record<string, unknown> | null {
  return item.type === 'event' && item.name === 'prefill_progress' ? jsonOf(item) : null;
}

function reading(
  fields: Record<string, unknown>,
  names: { processed: string; total: string; cached?: string },
): ProgressReading | null {
  if (typeof fields['queue_position'] === 'number') return null;
  const processed = fields[names.processed];
  const total = fields[names.total];
  const cached = names.cached === undefined ? null : fields[names.cached];
  if (typeof processed !== 'number' || typeof total !== 'number') return null;
  return { processed, total, cached: typeof cached === 'number' ? cached : null };
}
