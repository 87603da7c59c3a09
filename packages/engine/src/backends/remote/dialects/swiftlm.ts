import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Dialect } from './dialect.ts';
import { openai } from './openai.ts';

/**
 * SwiftLM: asked by a header, it reports prefill every two seconds in a named event, older ones in a chunk of its own
 * kind. See https://github.com/SharpAI/SwiftLM
 */
export const swiftlm: Dialect = {
  ...openai,
  name: 'swiftlm',
  reportsProgress: true,
  endsEarly: 'all',
  fields: {
    topK: 'top_k',
    minP: 'min_p',
    repeatPenalty: 'repetition_penalty',
    chatTemplateKwargs: 'chat_template_kwargs',
    without: ['logprobs', 'logitBias', 'toolChoice', 'parallelToolCalls', 'responseFormat'],
  },
  recognizes: ({ health }) =>
    health.status === 200 && health.json?.['status'] === 'ok' && typeof health.json['model'] === 'string',
  // One request at a time, unless it is started otherwise, which it does not say.
  describe: (probe, model) => ({ ...openai.describe(probe, model), slots: 1 }),
  additions: () => ({ headers: { 'x-swiftlm-prefill-progress': 'true' } }),
  readEvent: (name, data) => {
    if (name === 'prefill_progress') return progressOf(data);
    const { object, prefill } = (data ?? {}) as { object?: unknown; prefill?: unknown };
    return object === 'prefill_progress' ? progressOf(prefill) : undefined;
  },
};

function progressOf(data: unknown): UpstreamSignal[] {
  const { n_past: processed, n_prompt_tokens: total } = (data ?? {}) as { n_past?: unknown; n_prompt_tokens?: unknown };
  if (typeof processed !== 'number' || typeof total !== 'number' || total <= 0) return [];
  return [{ type: 'progress', processed, cached: 0, total }];
}
