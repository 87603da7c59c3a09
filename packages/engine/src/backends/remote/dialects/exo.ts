import { countOf, listedModels, ownedBy } from '../http/probe.ts';
import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Dialect } from './dialect.ts';
import { modelIds, openai } from './openai.ts';

/**
 * exo, over several machines: it reports prefill in comments of the stream, its first version in a named event. See
 * https://github.com/exo-explore/exo
 */
export const exo: Dialect = {
  ...openai,
  name: 'exo',
  reportsProgress: true,
  rawPrompts: false,
  fields: {
    topK: 'top_k',
    repeatPenalty: 'repetition_penalty',
    without: ['logitBias', 'presencePenalty', 'frequencyPenalty', 'toolChoice', 'parallelToolCalls', 'responseFormat'],
  },
  recognizes: (probe) => ownedBy(probe, 'exo'),
  describe: (probe, model) => {
    const models = listedModels(probe);
    const ids = modelIds(models, model);
    const placed = placedModels(probe.exoState.json?.['instances'], new Set(ids));
    const first = model ?? placed[0] ?? ids[0];
    const listed = models.find(({ id }) => id === first);
    return {
      // It lists every model that it knows; those that run can answer.
      models: [...new Set([...placed, ...ids])],
      contextSize: countOf(listed?.['context_length']),
      slots: null,
    };
  },
  readEvent: (name, data) => (name === 'prefill_progress' ? progressOf(data) : undefined),
  readComment: (text) => {
    const [, json] = /^ ?prefill_progress (\{.*\})$/s.exec(text) ?? [];
    if (json === undefined) return [];
    const data = parse(json) as { PrefillProgressChunk?: unknown } | null;
    return progressOf(data?.PrefillProgressChunk ?? data);
  },
};

interface PrefillProgress {
  processed_tokens?: unknown;
  total_tokens?: unknown;
  /** The names of its first version. */
  processed?: unknown;
  total?: unknown;
}

/** It counts the tokens that it reads, so without those of a prompt that it has read before. */
function progressOf(data: unknown): UpstreamSignal[] {
  const { processed_tokens: processed, total_tokens: total, ...first } = (data ?? {}) as PrefillProgress;
  const counts = { processed: processed ?? first.processed, total: total ?? first.total };
  if (typeof counts.processed !== 'number' || typeof counts.total !== 'number' || counts.total <= 0) return [];
  return [{ type: 'uncached-progress', processed: counts.processed, total: counts.total }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The known models that are named anywhere in the cluster's instances, whatever their kind. */
function placedModels(instances: unknown, known: ReadonlySet<string>, depth = 0): string[] {
  if (typeof instances !== 'object' || instances === null || depth > 8) return [];
  return Object.entries(instances).flatMap(([name, value]) =>
    typeof value === 'string'
      ? /^model_?id$/i.test(name) && known.has(value)
        ? [value]
        : []
      : placedModels(value, known, depth + 1),
  );
}
