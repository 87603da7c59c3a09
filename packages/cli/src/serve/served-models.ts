import type { LlamaOptions, UpstreamOptions } from '@headway/engine';

import type { ConfiguredLocalModel, ServeConfig } from '../config/serve-config.ts';
import { embeddedModel } from '../models/embedded-model.ts';
import { chosenTemplate } from '../options/chat-template-options.ts';
import { chosenCompute } from '../options/compute-options.ts';
import type { UpstreamSettings } from '../upstream/upstream-settings.ts';
import type { ServedLocalModel, ServedModel, ServedUpstreamModel } from './served-model.ts';
import type { ServeFlags } from './serve-options.ts';

export interface ServedModelsInput {
  /** After `mergeServeOptions`. */
  flags: ServeFlags;
  /** The names of the flags that the command line or the environment set. */
  given: ReadonlySet<string>;
  /** Null without a config file. */
  config: ServeConfig | null;
  /** The upstreams of the flags, from `chosenUpstreams`; those of the config file are in it. */
  upstreams: readonly UpstreamSettings[];
  keys: ReadonlyMap<UpstreamSettings, string>;
  /** The id of a local model without one. */
  idOf: (file: string) => string;
}

/**
 * The models to serve, the default one first: those of `--model`, then that of `--upstream`; without either those of the
 * config file; without any the embedded one. A flag about computing that was given holds for every local model; one that was
 * not gives way to the model's own field.
 */
export function servedModels(input: ServedModelsInput): ServedModel[] {
  const { flags, config, upstreams } = input;
  const named = flags.model.length > 0 || upstreams.length > 0;
  const models: ServedModel[] = named
    ? [...flags.model.map((file) => localModel({ file }, input)), ...upstreamModel(input)]
    : (config?.models ?? []).map((model) =>
        model.kind === 'local'
          ? localModel(model, input)
          : {
              kind: 'upstream',
              id: model.id,
              aliases: model.aliases,
              upstreams: model.upstreams.map((one) => withKey(one, input.keys)),
              contextSize: model.ctx,
            },
      );
  if (models.length === 0) models.push(localModel({ file: embeddedModel() }, input));
  return models.map((model, at) => (at === 0 ? withFirstFlags(model, input) : model));
}

type LocalFields = Partial<ConfiguredLocalModel> & Pick<ConfiguredLocalModel, 'file'>;

function localModel(model: LocalFields, { flags, given, idOf }: ServedModelsInput): ServedLocalModel {
  const { file, id = idOf(file), aliases = [] } = model;
  const own = <Name extends 'ctx' | 'parallel' | 'ttl' | 'threads' | keyof ComputeFields>(name: Name) =>
    given.has(name) ? flags[name] : (model[name] ?? flags[name]);
  const ttl = own('ttl');
  const llama: LlamaOptions = {
    model: file,
    modelId: id,
    threads: own('threads'),
    ...(flags.prebuilt && { binary: 'prebuilt' as const }),
    ...chosenCompute({
      gpuLayers: own('gpuLayers'),
      kvType: own('kvType'),
      flashAttn: own('flashAttn'),
      batchSize: own('batchSize'),
      mlock: own('mlock'),
    }),
    chatTemplate: model.chatTemplate,
  };
  return {
    kind: 'local',
    id,
    aliases,
    llama,
    parallel: own('parallel') ?? flags.parallel,
    contextSize: own('ctx'),
    ttlMs: typeof ttl === 'number' ? ttl * 1000 : undefined,
  };
}

type ComputeFields = Pick<ConfiguredLocalModel, 'kvType' | 'flashAttn' | 'batchSize' | 'gpuLayers' | 'mlock'>;

/** The model of `--upstream`, if there is one. */
function upstreamModel({ flags, given, upstreams, keys }: ServedModelsInput): ServedUpstreamModel[] {
  if (upstreams.length === 0) return [];
  const contextSize = given.has('ctx') ? flags.ctx : undefined;
  return [
    {
      kind: 'upstream',
      id: flags.upstreamModel,
      aliases: [],
      upstreams: upstreams.map((one) => withKey(one, keys)),
      contextSize,
    },
  ];
}

function withKey(upstream: UpstreamSettings, keys: ReadonlyMap<UpstreamSettings, string>): UpstreamOptions {
  const { url, model, type, concurrency } = upstream;
  return { url, model, type, concurrency, key: keys.get(upstream) };
}

/** `--alias` and `--chat-template` are about the first model. */
function withFirstFlags(model: ServedModel, { flags }: ServedModelsInput): ServedModel {
  const aliases = [...new Set([...model.aliases, ...flags.alias])];
  if (model.kind === 'upstream') return { ...model, aliases };
  const chatTemplate = chosenTemplate(flags) ?? model.llama.chatTemplate;
  return { ...model, aliases, llama: { ...model.llama, chatTemplate } };
}
