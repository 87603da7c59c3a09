import { listedModels, type Probe } from '../http/probe.ts';
import type { Dialect } from './dialect.ts';
import { openai } from './openai.ts';

/**
 * `mlx_lm.server`: a comment after each step of prefill tells how much of the uncached part is read. Its streams have no
 * log-probabilities. See https://github.com/ml-explore/mlx-lm/blob/main/mlx_lm/SERVER.md
 */
export const mlxLm: Dialect = {
  ...openai,
  name: 'mlx-lm',
  reportsProgress: true,
  endsEarly: 'all',
  fields: {
    topK: 'top_k',
    minP: 'min_p',
    repeatPenalty: 'repetition_penalty',
    chatTemplateKwargs: 'chat_template_kwargs',
    without: ['logprobs', 'presencePenalty', 'frequencyPenalty', 'toolChoice', 'parallelToolCalls', 'responseFormat'],
  },
  recognizes: (probe) => listsWithoutOwners(probe) && (isPython(probe) || probe.health.json?.['status'] === 'ok'),
  describe: (probe, model) => {
    const { models } = openai.describe(probe, model);
    // It lists every model that was ever downloaded; this name stands for the one that it was started with.
    return { models: models.length === 1 ? models : ['default_model', ...models], contextSize: null, slots: null };
  },
  readComment: (text) => {
    const [, processed, total] = /^ ?keepalive (\d+)\/(\d+)$/.exec(text) ?? [];
    if (processed === undefined || Number(total) === 0) return [];
    return [{ type: 'uncached-progress', processed: Number(processed), total: Number(total) }];
  },
};

function isPython({ models }: Probe): boolean {
  return /BaseHTTP.*Python/i.test(models.server);
}

function listsWithoutOwners(probe: Probe): boolean {
  const models = listedModels(probe);
  const lists = Array.isArray(probe.models.json?.['data']) && probe.models.json['object'] === 'list';
  return lists && models.every((model) => !('owned_by' in model)) && (models.length > 0 || isPython(probe));
}
