import type { MemoryNeed, MemoryOptions } from '../../../backend/backend.ts';
import type { ComputeOptions } from '../compute/compute-options.ts';
import { describeModelFile } from '../model/describe-model-file.ts';
import { chooseContext } from './choose-context.ts';

/** What Node, llama.cpp and the chat template take in a process without a model, in bytes. */
const processBytes = 120e6;

/**
 * The memory that a model's process will take. Reads the file's head alone.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function estimateMemoryNeed(
  path: string,
  compute: ComputeOptions,
  { parallel, contextSize, room }: Pick<MemoryOptions, 'parallel' | 'contextSize' | 'room'>,
): Promise<MemoryNeed> {
  const file = await describeModelFile(path);
  const { sizeBytes, parameters, weightsBytes, trainContextSize } = file;
  const bytesWith = async (tokens: number) =>
    processBytes + weightsBytes + (await file.contextBytes(tokens, compute, parallel));
  const trained = trainContextSize ?? null;
  const limited = Number.isFinite(room.alone) && contextSize === null && trained !== null;
  const context = limited ? await chooseContext({ trained, room, bytesWith }) : contextSize;
  const bytes = await bytesWith(context ?? trained ?? 0);
  return { bytes, contextSize: context, sizeBytes, parameters };
}
