import { HeadwayError } from '@headway/protocol';
import { GgmlType, GgufInsights, readGgufFileInfo } from 'node-llama-cpp';

import { readComputeOptions, type ComputeOptions } from '../compute/compute-options.ts';
import { ggmlName } from '../compute/kv-types.ts';
import { checkModelFile } from './check-model-file.ts';
import { describeLoadFailure } from './load-failure.ts';

/** A model's facts from its GGUF file, and the memory that it needs. */
export interface ModelFile {
  /** Size of the weights, all parts of a split file together. */
  sizeBytes: number;
  parameters: number;
  /** The context that it was trained on, in tokens; null when the file does not say. */
  trainContextSize: number | null;
  /** Memory of the weights without a GPU, in bytes. */
  weightsBytes: number;
  /**
   * Memory of the slots, one unless told otherwise, with `contextSize` tokens of context each, without a GPU, in bytes. An
   * estimate.
   *
   * @throws HeadwayError `invalid-request` for options out of bounds
   */
  contextBytes(contextSize: number, options?: ComputeOptions, slots?: number): Promise<number>;
}

/**
 * Reads a GGUF file's head, but not its weights.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function describeModelFile(path: string): Promise<ModelFile> {
  try {
    await checkModelFile(path);
    const info = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
    // Without an instance of llama.cpp node-llama-cpp makes a shared one that loads no backend.
    const insights = await GgufInsights.from(info);
    const { modelSize, totalParameters, trainContextSize } = insights;
    const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers: 0 });
    return {
      sizeBytes: modelSize,
      parameters: totalParameters,
      trainContextSize: trainContextSize ?? null,
      weightsBytes: weights.cpuRam,
      async contextBytes(contextSize, options = {}, slots = 1) {
        const { kvType, flashAttention, batchSize } = readComputeOptions(options);
        const context = await insights.estimateContextResourceRequirementsV2({
          contextSize,
          modelGpuLayers: 0,
          sequences: slots,
          batchSize,
          flashAttention,
          kvCacheKeyType: GgmlType[ggmlName(kvType.keys)],
          kvCacheValueType: GgmlType[ggmlName(kvType.values)],
        });
        return context.cpuRam;
      },
    };
  } catch (thrown) {
    throw new HeadwayError('model-load-failed', describeLoadFailure(path, thrown, []), { cause: thrown });
  }
}
