import { availableParallelism } from 'node:os';

import { HeadwayError, isHeadwayError } from '@headway/protocol';
import { LlamaLogLevel, type Token, type TokenBias } from 'node-llama-cpp';

import type { Backend, LoadedModel, LoadOptions } from '../../backend/backend.ts';
import { refuseUnknownTokens } from '../../backend/refuse-unknown-tokens.ts';
import { changeBetweenBatches, openBatchLoop } from './batch/open-batch-loop.ts';
import { defaultBinary, type BinaryChoice } from './binary/binary-choice.ts';
import { openLlama, type OpenedLlama } from './binary/open-llama.ts';
import { readComputeOptions, type ComputeOptions, type ComputeSettings } from './compute/compute-options.ts';
import { describeSettings } from './compute/describe-settings.ts';
import { ggmlName } from './compute/kv-types.ts';
import { checkKvTypes } from './compute/check-kv-types.ts';
import { checkpointOptions, memoryWindow, openCheckpoints } from './memory/checkpoints.ts';
import { estimateMemoryNeed } from './memory/memory-need.ts';
import { checkModelFile } from './model/check-model-file.ts';
import { containFailures } from './batch/contain-failures.ts';
import { describeLoadFailure } from './model/load-failure.ts';
import { capContext, learnedPositions } from './model/learned-positions.ts';
import { LlamaSlot } from './llama-slot.ts';
import { EventLoopQueue } from './tokenizer/event-loop-queue.ts';
import { measureThreads } from './threads/measure-threads.ts';
import { modelIdOf } from './model/model-id.ts';
import { refuseWhatCannotFit } from './tokenizer/prompt-bound.ts';
import { PromptLookup } from './drafts/prompt-lookup.ts';
import { openChat, renderChat } from './prompt/open-chat.ts';
import { readTrialChunks } from './threads/read-trial-chunks.ts';
import type { LlamaPrompt } from './decode/llama-prompt.ts';
import { renderPrompt } from './render-prompt.ts';
import { resolveModel } from './model/resolve-model.ts';
import { createNoEndBias } from './decode/sampling.ts';
import type { ThreadCounts } from './threads/thread-trials.ts';
import { textOfTokens, tokensOfText } from './tokenizer/text-tokens.ts';

export interface LlamaOptions extends ComputeOptions {
  /** Path of a GGUF file, or a download address (`hf:user/repo:quant`, `https://…`); a missing file is downloaded. */
  model: string;
  /** The model's id in requests. @default the last part of the path or address without `.gguf` */
  modelId?: string;
  /**
   * Threads that compute: one count, or one each for decode and prefill. @default measured when the model is loaded,
   * which takes a second at most; half the cores, at least one, where a GPU computes
   */
  threads?: number | ThreadCounts;
  /** Where to compute; `false` means the CPU. @default 'auto' */
  gpu?: 'auto' | 'cuda' | 'metal' | 'vulkan' | false;
  /**
   * llama.cpp's binary: `auto` takes the one that `headway build` made for this machine, if there is one, and
   * `prebuilt` never does. @default `auto`, or `prebuilt` if the environment variable `HEADWAY_PREBUILT` has a value
   * other than '' and '0'
   */
  binary?: BinaryChoice;
  /**
   * Speculative decoding: `prompt-lookup` drafts tokens that follow in the prompt where the answer repeats a few of its
   * tokens. The text stays the same. Drafting pauses while steps with drafts are measured to write no more tokens a
   * second. Models with a sliding window or a recurrent state never draft. @default no speculation
   */
  speculate?: 'prompt-lookup';
  /** A chat template in Jinja that replaces the file's own. @default the file's, or a plain one */
  chatTemplate?: string;
}

/** Lines of llama.cpp's log that are kept, of errors to explain a failure and of warnings to tell what it left out. */
const keptLogLines = 32;

/**
 * A backend for a model in a GGUF file. llama.cpp runs it through node-llama-cpp, in this process.
 *
 * @throws HeadwayError `invalid-request` for options out of bounds, or that contradict each other
 */
export function llama({
  model,
  modelId = modelIdOf(model),
  threads,
  gpu = 'auto',
  binary = defaultBinary(),
  speculate,
  chatTemplate,
  ...compute
}: LlamaOptions): Backend & Required<Pick<Backend, 'memoryNeed'>> {
  const settings = readComputeOptions(compute);
  return {
    name: 'llama',
    modelId,
    async memoryNeed({ onDownload: onProgress, signal, ...options }) {
      const path = await resolveModel(model, { signal, onProgress });
      signal.throwIfAborted();
      return estimateMemoryNeed(path, compute, options);
    },
    async load(options) {
      const modelPath = await resolveModel(model, { signal: options.signal, onProgress: options.onDownload });
      let opened: OpenedLlama | null = null;
      const log: Log = { errors: [], warnings: [] };
      try {
        opened = await openLlama({
          gpu,
          binary,
          logger: (level, line) => {
            const lines = level === LlamaLogLevel.warn ? log.warnings : log.errors;
            lines.splice(0, Math.max(0, lines.push(line) - keptLogLines));
          },
        });
        options.signal.throwIfAborted();
        return await open(opened, { modelPath, threads, speculate, chatTemplate, settings, log }, options);
      } catch (thrown) {
        // llama.cpp's log arrives through the event loop, and explains a failure better than the error does.
        await new Promise((resolve) => setImmediate(resolve));
        await opened?.instance.dispose();
        if (options.signal.aborted) throw options.signal.reason;
        if (isHeadwayError(thrown)) throw thrown;
        throw new HeadwayError('model-load-failed', describeLoadFailure(modelPath, thrown, log.errors), {
          cause: thrown,
        });
      }
    },
  };
}

interface Log {
  errors: string[];
  warnings: string[];
}

interface OpenOptions extends Pick<LlamaOptions, 'threads' | 'speculate' | 'chatTemplate'> {
  modelPath: string;
  settings: ComputeSettings;
  log: Log;
}

async function open(
  { instance, binary, keepsThreads, notice }: OpenedLlama,
  { modelPath, threads: configured, speculate, chatTemplate, settings, log }: OpenOptions,
  { parallel, contextSize, onLoad, signal }: LoadOptions,
): Promise<LoadedModel> {
  const { kvType, batchSize } = settings;
  await checkKvTypes(await checkModelFile(modelPath, signal), instance, kvType);
  const model = await instance.loadModel({
    modelPath,
    loadSignal: signal,
    ...(onLoad && { onLoadProgress: onLoad }),
    gpuLayers: settings.gpuLayers,
    useMlock: settings.mlock,
    // Every context of the model takes these, and the layers for the GPU are counted with them.
    defaultContextFlashAttention: settings.flashAttention,
    experimentalDefaultContextKvCacheKeyType: ggmlName(kvType.keys),
    experimentalDefaultContextKvCacheValueType: ggmlName(kvType.values),
  });
  const threads = typeof configured === 'number' ? { decode: configured, prefill: configured } : configured;
  const { counts, decodeTrials } = threads
    ? { counts: threads, decodeTrials: [] }
    : await measureThreads({ model, instance, keepsThreads, cores: availableParallelism(), signal });
  // `maxThreads` bounds a new context's threads. Its batch loop then sets those of each kind of batch.
  const most = Math.max(counts.decode, counts.prefill);
  instance.maxThreads = most;
  const bound = capContext(contextSize, learnedPositions(model.fileInfo));
  const context = await model.createContext({
    sequences: parallel,
    contextSize: bound.contextSize ?? { max: model.trainContextSize },
    // No batch holds both a chunk and decoded tokens.
    batchSize: batchSize + parallel,
    threads: most,
    createSignal: signal,
  });
  const chat = openChat(model, chatTemplate);
  let bias: TokenBias | undefined;
  let size: number | undefined;
  const vocabularySize = () => (size ??= [...model.iterateAllTokens()].length);
  const eventLoop = new EventLoopQueue();
  const noEndBias = () => (bias ??= createNoEndBias(model));
  const canCutBack = memoryWindow(model) === null;
  // A wrong draft needs a memory that can be cut back.
  const guesses = speculate === 'prompt-lookup' && canCutBack;
  // With its last token in memory, a prompt that comes again must be cut back by that token. node-llama-cpp's own loop,
  // which drafts, draws after the tokens that it evaluates itself.
  const drawsFirst = canCutBack && !guesses;
  const sequences = Array.from({ length: parallel }, () =>
    context.getSequence({
      checkpoints: checkpointOptions(parallel),
      ...(guesses && { tokenPredictor: new PromptLookup() }),
    }),
  );
  const loop = openBatchLoop(context, counts);
  for (const sequence of sequences) {
    containFailures(sequence);
    changeBetweenBatches(sequence, loop);
  }
  const checkpoints = openCheckpoints(context, sequences);
  const [first] = sequences;
  const readings = first ? await readTrialChunks(first, model.tokenize(' a')[0] ?? (0 as Token), signal) : [];
  // llama.cpp's log arrives through the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  const got = describeSettings({ instance, model, context, settings, warnings: log.warnings });
  const slots = sequences.map(
    (sequence, at) => new LlamaSlot({ sequence, noEndBias, checkpoints: checkpoints[at] ?? null, loop }),
  );
  return {
    contextSize: context.contextSize,
    notices: [...bound.notices, ...got.notices, ...[chat.notice, notice].filter((one) => one !== null)],
    maxChunk: Math.min(batchSize, context.batchSize),
    parameters: model.fileInsights.totalParameters,
    sizeBytes: model.size,
    threads: counts,
    decodeTrials,
    device: instance.gpu === false ? 'cpu' : instance.gpu,
    binary,
    compute: got.compute,
    slots,
    measuredChunks: readings,
    async prepare(request, { owner, signal }): Promise<LlamaPrompt> {
      const biased = Object.keys(request.logitBias ?? {});
      if (biased.length > 0)
        refuseUnknownTokens(biased.map(Number), vocabularySize(), (at) => ['logitBias', String(biased[at])]);
      const { contextSize } = context;
      await refuseWhatCannotFit(request, { model, eventLoop, signal, owner, contextSize });
      return renderPrompt(request, { model, chat, drawsFirst, eventLoop, signal, owner, contextSize });
    },
    async applyTemplate(request) {
      if (request.prompt !== undefined) return request.prompt;
      const { text, separator } = renderChat(chat, request);
      return separator === null ? text : text.replaceAll(separator, '');
    },
    tokenize: (text, options) => tokensOfText(text, options, { model, eventLoop }),
    async detokenize(tokens) {
      refuseUnknownTokens(tokens, vocabularySize());
      return textOfTokens(tokens as Token[], { model, eventLoop });
    },
    async dispose() {
      await loop.idle();
      await Promise.all(slots.map((slot) => slot.dispose()));
      await instance.dispose();
    },
  };
}
