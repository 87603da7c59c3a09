import type { ModelInfo } from '@headway/protocol';

/** A model in Anthropic's format. `created` is in seconds since 1970. Prompt and answer share the context. */
export function anthropicModel({ id, contextSize }: Pick<ModelInfo, 'id' | 'contextSize'>, created: number) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(created * 1000).toISOString(),
    max_input_tokens: contextSize,
    max_tokens: contextSize,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** All models on one page; the query's `limit` is ignored. */
export function anthropicModelList(models: readonly ModelInfo[], created: number) {
  return {
    data: models.map((model) => anthropicModel(model, created)),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}
