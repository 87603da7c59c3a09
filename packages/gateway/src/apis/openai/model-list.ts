import type { ModelInfo } from '@headway/protocol';

/** A model in OpenAI's format, with its state and memory. `created` is in seconds since 1970. */
export function openAiModel({ id, state, memoryBytes }: ModelInfo, created: number) {
  return {
    id,
    object: 'model',
    created,
    owned_by: 'headway',
    state,
    ...(memoryBytes !== undefined && { memory_bytes: memoryBytes }),
  };
}

export function openAiModelList(models: readonly ModelInfo[], created: number) {
  return { object: 'list', data: models.map((model) => openAiModel(model, created)) };
}
