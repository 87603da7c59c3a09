import type { FieldPath } from '@headway/protocol';

import type { UpstreamSettings } from '../upstream/upstream-settings.ts';
import type { ServeConfig } from './serve-config.ts';

/** All upstreams of a config, each with its place in the file. */
export function configuredUpstreams(config: ServeConfig | null): { path: FieldPath; settings: UpstreamSettings }[] {
  return (config?.models ?? []).flatMap((model, at) =>
    model.kind === 'upstream'
      ? model.upstreams.map((settings, index) => ({ path: ['models', at, 'upstreams', index], settings }))
      : [],
  );
}
