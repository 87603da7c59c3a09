import { modelIdOf, upstreamModels } from '@headway/engine';
import { HeadwayError } from '@headway/protocol';

import type { ServedLocalModel, ServedModel, ServedUpstreamModel } from './served-model.ts';

/** A model that is served, with the id by which requests choose it. */
export type NamedModel = ServedLocalModel | (ServedUpstreamModel & { id: string });

/** Longest time for a server to list its models, in ms. */
const listMs = 10_000;

/**
 * Names the models of upstreams that were given none: as the first upstream names them, each one that it lists.
 *
 * @throws HeadwayError `upstream-failed` when it does not answer
 */
export async function nameModels(models: readonly ServedModel[]): Promise<[NamedModel, ...NamedModel[]]> {
  const [first, ...others] = (await Promise.all(models.map(named))).flat();
  if (!first) throw new HeadwayError('internal', 'there is no model to serve');
  return [first, ...others];
}

async function named(model: ServedModel): Promise<NamedModel[]> {
  if (model.kind === 'local') return [model];
  const { id, upstreams } = model;
  if (id !== undefined) {
    return [{ ...model, id, upstreams: upstreams.map((one) => ({ ...one, model: one.model })) }];
  }
  const [first] = upstreams;
  if (!first) throw new HeadwayError('internal', 'a model has no upstream');
  const listed = first.model === undefined ? await upstreamModels(first, AbortSignal.timeout(listMs)) : [first.model];
  if (listed.length === 0) {
    throw new HeadwayError('upstream-failed', 'the upstream lists no model; name one with --upstream-model');
  }
  return listed.map((name, at) => ({
    ...model,
    // llama-server names a model by its file; where that lies is nobody's business.
    id: /\.gguf$/i.test(name) ? modelIdOf(name) : name,
    // Names that were given are about the first one.
    aliases: at === 0 ? model.aliases : [],
    upstreams: upstreams.map((one) => ({ ...one, model: one.model ?? name })),
  }));
}

/** The models' ids by their other names. */
export function aliasesOf(models: readonly NamedModel[]): Record<string, string> {
  return Object.fromEntries(models.flatMap(({ id, aliases }) => aliases.map((alias) => [alias, id])));
}
