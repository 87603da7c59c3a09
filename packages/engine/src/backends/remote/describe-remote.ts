import type { RemoteModel } from '@headway/protocol';

import type { Dialect } from './dialects/dialect.ts';
import type { UpstreamPool } from './pool/upstream-pool.ts';
import { lackingFields } from './request/request-fields.ts';
import type { Upstream } from './upstream.ts';

/** What a model of these upstreams can and cannot show, and how they are. */
export function describeRemote(
  upstreams: readonly [Upstream, ...Upstream[]],
  pool: UpstreamPool<Upstream>,
): RemoteModel {
  const states = pool.status();
  const known = upstreams.flatMap(({ dialect }) => dialect ?? []);
  const all = (can: (dialect: Dialect) => boolean) => known.length > 0 && known.every(can);
  return {
    upstreams: upstreams.map(({ name, dialect }, at) => {
      const { state = 'down', running = 0, outstandingTokens = 0, lastError = null } = states[at] ?? {};
      return {
        name,
        dialect: dialect?.name ?? 'unknown',
        state,
        running,
        outstandingTokens,
        ...(lastError !== null && { error: lastError }),
      };
    }),
    progress: all(({ reportsProgress }) => reportsProgress) ? 'reported' : 'estimated',
    capabilities: {
      tokenizer: all(({ tokenizer: of }) => of?.tokenize !== undefined && of.detokenize !== undefined),
      vocabulary: all(({ refusesTokens }) => refusesTokens === true),
      chatTemplate: all(({ tokenizer: of }) => of?.applyTemplate !== undefined),
      tokenCounts: all((dialect) => dialect.countTokens !== undefined || dialect.estimate !== undefined),
      estimates: all((dialect) => dialect.estimate !== undefined),
      stopString: all(({ tellsStopString }) => tellsStopString === true),
      sharedPrefill: all(({ severalAnswers }) => severalAnswers),
      cachePerOwner: all(({ cachesPerOwner }) => cachesPerOwner === true),
      cancelConfirmed: all(({ confirmsCancel }) => confirmsCancel === true),
    },
    lacks: [
      ...new Set(
        known.flatMap(
          ({ lacks, fields, cachesPerOwner }) => lacks ?? lackingFields(fields, { salts: cachesPerOwner === true }),
        ),
      ),
    ],
  };
}
