import type { ModelCompute } from '@headway/protocol';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';

import type { ComputeSettings } from './compute-options.ts';

/** What llama.cpp made of the settings. */
export interface MadeOf {
  instance: Pick<Llama, 'gpu' | 'supportsMlock'>;
  model: Pick<LlamaModel, 'gpuLayers'> & { fileInsights: Pick<LlamaModel['fileInsights'], 'totalLayers'> };
  context: Pick<LlamaContext, 'flashAttention'>;
  settings: ComputeSettings;
  /** llama.cpp's warnings while it opened the model. */
  warnings: readonly string[];
}

/** What a model really got of its settings, and a notice for each that it did not get. */
export function describeSettings({ instance, model, context, settings, warnings }: MadeOf): {
  compute: ModelCompute;
  notices: string[];
} {
  const notices: string[] = [];
  const flashAttention = context.flashAttention !== false && !warnings.some(saysNoFlashAttention);
  if (settings.flashAttention === true && !flashAttention)
    notices.push('flash attention is off, because the model or its device cannot; leave out --flash-attn on');
  const refusal = instance.supportsMlock
    ? warnings.find((line) => /failed to mlock|mlock not supported/.test(line))
    : '';
  const locked = settings.mlock && refusal === undefined;
  if (settings.mlock && !locked) notices.push(lockNotice(refusal ?? ''));
  const { totalLayers } = model.fileInsights;
  if (instance.gpu === false && wantsLayers(settings))
    notices.push('no layer is on a GPU, because llama.cpp finds none here; leave out --gpu-layers');
  return {
    compute: {
      keyType: settings.kvType.keys,
      valueType: settings.kvType.values,
      flashAttention,
      batchSize: settings.batchSize,
      gpuLayers: Math.min(model.gpuLayers, totalLayers),
      layers: totalLayers,
      locked,
    },
    notices,
  };
}

const saysNoFlashAttention = (line: string) => /flash[ _]att.*(not supported, set to disabled|forcing off)/i.test(line);

const wantsLayers = ({ gpuLayers }: ComputeSettings) => gpuLayers === 'max' || (gpuLayers !== 'auto' && gpuLayers > 0);

function lockNotice(refusal: string): string {
  if (refusal === '' || /not supported/.test(refusal))
    return 'the weights are not locked in memory, because this system cannot; leave out --mlock';
  return 'the weights are not locked in memory, because the system allows less (RLIMIT_MEMLOCK); raise it with ulimit -l, LimitMEMLOCK= or --ulimit memlock=-1, or leave out --mlock';
}
