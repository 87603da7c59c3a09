import type { UpstreamSettings } from '../upstream/upstream-settings.ts';
import type { ParsedConfig, ParsedModel } from './schema/config-schema.ts';

/** A config file as `headway serve` takes it: checked, sizes in bytes, paths absolute. The defaults stand with the flags. */
export interface ServeConfig extends Omit<ParsedConfig, 'models'> {
  /** Empty for the embedded model. */
  models: ConfiguredModel[];
}

export type ConfiguredModel = ConfiguredLocalModel | ConfiguredUpstreamModel;

interface NamedModel {
  id: string;
  aliases: string[];
  /** Tokens. */
  ctx?: number;
}

export interface ConfiguredLocalModel
  extends
    NamedModel,
    Pick<ParsedModel, 'parallel' | 'ttl' | 'threads' | 'kvType' | 'flashAttn' | 'batchSize' | 'gpuLayers' | 'mlock'> {
  kind: 'local';
  /** An absolute path, or a download address. */
  file: string;
  /** A Jinja template, from either of its fields. */
  chatTemplate?: string;
}

export interface ConfiguredUpstreamModel extends NamedModel {
  kind: 'upstream';
  /** One, or several that make a pool. Their `keyFile` is absolute. */
  upstreams: UpstreamSettings[];
}
