import { HeadwayError } from '@headway/protocol';
import { GgufInsights, readGgufFileInfo } from 'node-llama-cpp';

import { checkModelFile } from './check-model-file.ts';
import { describeLoadFailure } from './load-failure.ts';

/** What a GGUF file says of its model, and what the model would take to run. */
export interface ModelFile {
  /** The weights, all parts of a split file together. */
  sizeBytes: number;
  parameters: number;
  /** Tokens that it was trained to look back on; null when the file does not say. */
  trainContextSize: number | null;
  /** Memory of the weights without a GPU, in bytes. */
  weightsBytes: number;
  /** Memory of one slot with so many tokens of context, without a GPU, in bytes. An estimate. */
  contextBytes(contextSize: number): Promise<number>;
}

/**
 * Reads a GGUF file's head; the weights stay where they are.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function describeModelFile(path: string): Promise<ModelFile> {
  try {
    await checkModelFile(path);
    const info = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
    // Without an instance of llama.cpp it makes a slim one, which holds no backend and is shared.
    const insights = await GgufInsights.from(info);
    const { modelSize, totalParameters, trainContextSize } = insights;
    const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers: 0 });
    return {
      sizeBytes: modelSize,
      parameters: totalParameters,
      trainContextSize: trainContextSize ?? null,
      weightsBytes: weights.cpuRam,
      async contextBytes(contextSize) {
        const context = await insights.estimateContextResourceRequirementsV2({
          contextSize,
          modelGpuLayers: 0,
          sequences: 1,
        });
        return context.cpuRam;
      },
    };
  } catch (thrown) {
    throw new HeadwayError('model-load-failed', describeLoadFailure(path, thrown, []), { cause: thrown });
  }
}
