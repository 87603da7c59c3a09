/** A config file of `headway serve` as people write it, for `headway.config.ts`. */
export type { ConfigFile as HeadwayConfig } from './schema/config-schema.ts';
