import type { Backend } from '../../backend/backend.ts';
import type * as BuildLlama from './build/build-llama.ts';
import type * as MeasureBuild from './build/measure-build.ts';
import { readComputeOptions } from './compute/compute-options.ts';
import type * as DescribeChat from './describe-chat.ts';
import type { LlamaOptions } from './llama.ts';
import type * as DescribeCompute from './model/describe-compute.ts';
import type * as DescribeModelFile from './model/describe-model-file.ts';
import { modelIdOf } from './model/model-id.ts';
import type * as ResolveModel from './model/resolve-model.ts';

// node-llama-cpp takes long to import, and who serves remote models alone does without it. So what needs it is imported
// when it is called.

/**
 * A backend for a model in a GGUF file. llama.cpp runs it through node-llama-cpp, in this process.
 *
 * @throws HeadwayError `invalid-request` for options out of bounds, or that contradict each other
 */
export function llama(options: LlamaOptions): Backend {
  const { model, modelId = modelIdOf(model) } = options;
  readComputeOptions(options);
  return {
    name: 'llama',
    modelId,
    memoryNeed: async (need) => (await import('./llama.ts')).llama(options).memoryNeed(need),
    load: async (load) => (await import('./llama.ts')).llama(options).load(load),
  };
}

export const describeChat: typeof DescribeChat.describeChat = async (path) =>
  (await import('./describe-chat.ts')).describeChat(path);

export const describeCompute: typeof DescribeCompute.describeCompute = async () =>
  (await import('./model/describe-compute.ts')).describeCompute();

export const describeModelFile: typeof DescribeModelFile.describeModelFile = async (path) =>
  (await import('./model/describe-model-file.ts')).describeModelFile(path);

export const resolveModel: typeof ResolveModel.resolveModel = async (uriOrPath, options) =>
  (await import('./model/resolve-model.ts')).resolveModel(uriOrPath, options);

export const buildLlama: typeof BuildLlama.buildLlama = async (options) =>
  (await import('./build/build-llama.ts')).buildLlama(options);

export const measureBuild: typeof MeasureBuild.measureBuild = async (build, options) =>
  (await import('./build/measure-build.ts')).measureBuild(build, options);
