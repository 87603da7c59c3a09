import { modelIdOf, upstreamModels, type UpstreamOptions } from '@headway/engine';
import { HeadwayError, isHeadwayError } from '@headway/protocol';

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
  if (id !== undefined) return [{ ...model, id }];
  const listed = await listModels(upstreams);
  if (listed.length === 0) {
    throw new HeadwayError('upstream-failed', 'the upstream lists no model; name one with --upstream-model');
  }
  const ids = listed.map(shortName);
  return listed.map((name, at) => ({
    ...model,
    id: ids.filter((other) => other === ids[at]).length === 1 ? shortName(name) : name,
    // Names that were given are about the first one.
    aliases: at === 0 ? model.aliases : [],
    upstreams: upstreams.map((one) => ({ ...one, model: one.model ?? name })),
  }));
}

/** llama-server names a model by its file; where that lies is nobody's business. */
function shortName(name: string): string {
  return /\.gguf$/i.test(name) ? modelIdOf(name) : name;
}

/** The models that the first of the servers lists which answers, or the one that was named. */
async function listModels(upstreams: readonly UpstreamOptions[]): Promise<readonly string[]> {
  const named = upstreams.find(({ model }) => model !== undefined)?.model;
  if (named !== undefined) return [named];
  const signal = AbortSignal.timeout(listMs);
  try {
    return await Promise.any(upstreams.map((upstream) => upstreamModels(upstream, signal)));
  } catch (all) {
    const [thrown]: unknown[] = all instanceof AggregateError ? all.errors : [all];
    const trouble = isHeadwayError(thrown) ? thrown.message.split('; ')[0] : 'the upstream did not answer in 10 s';
    throw new HeadwayError('upstream-failed', `--upstream: ${trouble}; start the server there, or check the address`, {
      cause: thrown,
    });
  }
}

/** The models' ids by their other names. */
export function aliasesOf(models: readonly NamedModel[]): Record<string, string> {
  return Object.fromEntries(models.flatMap(({ id, aliases }) => aliases.map((alias) => [alias, id])));
}
