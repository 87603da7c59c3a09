import { HeadwayError } from '@headway/protocol';

import type { ServePlan } from './plan-serve.ts';
import type { ServedLocalModel } from './served-model.ts';

/**
 * The models of a plan that today's engine serves: local ones that stay loaded, with slots of one size.
 *
 * @throws HeadwayError `invalid-request` for a plan with anything else
 */
export function localModelsOf({ models, memory }: ServePlan): [ServedLocalModel, ...ServedLocalModel[]] {
  const local = models.filter((model) => model.kind === 'local');
  if (local.length < models.length) throw notYet('models with upstreams');
  if (memory !== undefined || local.some(({ ttlMs }) => ttlMs !== undefined)) throw notYet('memory and ttl');
  const [first, ...others] = local;
  if (!first) throw notYet('no models at all');
  for (const { aliases, parallel, contextSize } of others) {
    if (aliases.length > 0) throw notYet('aliases of other models than the first');
    if (parallel !== first.parallel || contextSize !== first.contextSize)
      throw notYet('models with different ctx or parallel');
  }
  return [first, ...others];
}

/** The slots that all local models have. */
export function sharedSlots([first]: readonly [ServedLocalModel, ...ServedLocalModel[]]) {
  return { parallel: first.parallel, ctx: first.contextSize, alias: [...first.aliases] };
}

function notYet(what: string): HeadwayError {
  return new HeadwayError('invalid-request', `${what} cannot be served yet; leave them out`);
}
