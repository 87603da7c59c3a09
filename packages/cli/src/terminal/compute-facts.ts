import type { ModelInfo } from '@headway/protocol';

/** How a model computes, as it was opened: `memory of q8_0`, `flash attention`, `12 of 33 layers by cuda`. */
export function computeFacts({ compute, device }: Pick<ModelInfo, 'compute' | 'device'>): string[] {
  if (!compute) return [];
  const { keyType, valueType, flashAttention, batchSize, gpuLayers, layers, locked } = compute;
  const types = keyType === valueType ? keyType : `${keyType} and ${valueType}`;
  return [
    `memory of ${types}`,
    flashAttention ? 'flash attention' : 'no flash attention',
    `batches of ${batchSize.toLocaleString('en')}`,
    ...(gpuLayers > 0 ? [`${gpuLayers} of ${layers} layers by ${device ?? 'a GPU'}`] : []),
    ...(locked ? ['locked in RAM'] : []),
  ];
}

/** What a model has unless flags or its files say otherwise. */
const usual = new Set(['memory of f16', 'flash attention', 'batches of 512']);

/** The same without what is usual. */
export function unusualComputeFacts(model: Pick<ModelInfo, 'compute' | 'device'>): string[] {
  return computeFacts(model).filter((fact) => !usual.has(fact));
}
