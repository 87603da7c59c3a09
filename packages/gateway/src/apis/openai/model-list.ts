import type { ModelInfo } from '@headway/protocol';

/** A model in OpenAI's format. `created` is in seconds since 1970. */
export function openAiModel({ id }: Pick<ModelInfo, 'id'>, created: number) {
  return { id, object: 'model', created, owned_by: 'headway' };
}

export function openAiModelList(models: readonly ModelInfo[], created: number) {
  return { object: 'list', data: models.map((model) => openAiModel(model, created)) };
}
