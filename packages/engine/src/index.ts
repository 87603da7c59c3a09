export type * from './backend/backend.ts';
export { systemClock, type Clock } from './timing/clock.ts';
export { createEngine, type EngineOptions } from './create-engine.ts';
export type { Engine, GenerateOptions } from './port/engine.ts';
export type { EngineActivity, ModelSlots, SlotState } from './port/engine-port.ts';
export type { BackendDescription } from './isolation/backend-description.ts';
export type { PromptSpan } from './spans/prompt-span.ts';
export { createIsolatedEngine, type IsolatedEngineOptions } from './isolation/create-isolated-engine.ts';
export { createModelsEngine, type ModelsEngineOptions } from './models/create-models-engine.ts';
export type { InProcessModel, ModelSettings, ProcessModel, ServedModel } from './models/served-model.ts';
export type { ModelProcessNews } from './models/process-history.ts';
export type { ProcessNews } from './isolation/process/process-supervisor.ts';
export type { PulseOptions } from './isolation/process/pulse.ts';
export type { HostOptions } from './host/open-host.ts';
export { requestFingerprint } from './port/request-fingerprint.ts';
export { scripted, type ScriptedOptions } from './backends/scripted/scripted.ts';
export type { Script, ScriptedFault } from './backends/scripted/script.ts';
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './backends/scripted/virtual-clock.ts';
export {
  createStatusTicker,
  formatProgress,
  toProgressHook,
  withProgress,
  withSummaries,
  type AnswerSummary,
  type ProgressHook,
  type ProgressOptions,
  type ProgressSnapshot,
  type ProgressTarget,
  type SummaryEvent,
} from '@headway/protocol';
export { remote, type RemoteBackend, type RemoteOptions } from './backends/remote/remote.ts';
export type { UpstreamOptions } from './backends/remote/upstream.ts';
export { upstreamModels } from './backends/remote/upstream-models.ts';
export { dialectNames, type DialectName } from './backends/remote/dialects/dialect.ts';
export {
  buildLlama,
  describeChat,
  describeCompute,
  describeModelFile,
  llama,
  measureBuild,
  resolveModel,
} from './backends/llama/on-demand.ts';
export type { LlamaOptions } from './backends/llama/llama.ts';
export type { ComputeOptions, KvType, KvTypes } from './backends/llama/compute/index.ts';
export type { ChatAbilities } from './backends/llama/describe-chat.ts';
export type { Compute } from './backends/llama/model/describe-compute.ts';
export type { ModelFile } from './backends/llama/model/describe-model-file.ts';
export { modelIdOf } from './backends/llama/model/model-id.ts';
export { isModelAddress, modelsFolder } from './backends/llama/model/model-address.ts';
export type { ResolveModelOptions } from './backends/llama/model/resolve-model.ts';
export type { BuildProgress, BuildResult } from './backends/llama/build/build-llama.ts';
export { findTools } from './backends/llama/build/steps/find-tools.ts';
export { buildComputes, type BuildGain } from './backends/llama/binary/build-record.ts';
export { buildsFolder, listBuilds, removeBuild, type Build } from './backends/llama/binary/builds-folder.ts';
export { forbidsBuilds } from './backends/llama/binary/binary-choice.ts';
export { forgetRefused } from './backends/llama/binary/refused-build.ts';
export { findBuild, findMeasuredGain, type MeasuredGain } from './backends/llama/binary/find-build.ts';
