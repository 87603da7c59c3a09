import { shownUrl } from '../../upstream/upstream-url.ts';
import type { UpstreamSettings } from '../../upstream/upstream-settings.ts';
import type { ConfiguredModel } from '../serve-config.ts';

/** One place that answers for a model, as `headway config check` lists it. */
export interface ServedRow {
  model: string;
  aliases: readonly string[];
  /** A file, a download address, or an upstream's address without its path. */
  where: string;
  /** Tokens; null where the model or the upstream tells it. */
  ctx: number | null;
  /** Where the key for an upstream comes from; null if there is none. */
  key: string | null;
}

/** What a config serves: a row for each local model and for each upstream. */
export function servedRows(models: readonly ConfiguredModel[]): ServedRow[] {
  return models.flatMap((model) => {
    const { id, aliases, ctx = null } = model;
    if (model.kind === 'local') return [{ model: id, aliases, where: model.file, ctx, key: null }];
    return model.upstreams.map((upstream) => ({
      model: id,
      aliases,
      where: shownUrl(upstream.url),
      ctx,
      key: keySource(upstream),
    }));
  });
}

/** The variable's name is left out: where it does not exist, it may be the key itself. */
function keySource({ keyEnv, keyFile }: UpstreamSettings): string | null {
  if (keyEnv !== undefined) return process.env[keyEnv] ? `variable ${keyEnv}` : 'a variable that is not set';
  return keyFile === undefined ? null : `file ${keyFile}`;
}
