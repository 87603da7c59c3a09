import type { ServeConfig } from '../config/serve-config.ts';
import type { ServeOptions } from './serve-options.ts';

/** Fields that flags and file have alike. */
const alike = [
  'port',
  'host',
  'parallel',
  'ctx',
  'maxQueue',
  'queueTimeout',
  'itlBudget',
  'memory',
  'ttl',
  'threads',
  'kvType',
  'flashAttn',
  'batchSize',
  'gpuLayers',
  'mlock',
  'prebuilt',
  'grace',
  'drain',
  'generationTime',
  'generationTokens',
  'engine',
  'apiKeyFile',
  'allowOrigin',
  'allowHost',
  'logLevel',
] as const satisfies readonly (keyof ServeOptions & keyof ServeConfig)[];

/**
 * Merges the config file into the flags. A flag that was given wins over the file, the file over a flag's default; limits
 * merge by their names. The models are merged by `servedModels`.
 *
 * @param given the names of the flags that the command line or the environment set
 */
export function mergeServeOptions<Flags extends ServeOptions>(
  flags: Flags,
  given: ReadonlySet<string>,
  config: ServeConfig,
): Flags {
  const merged: Flags = { ...flags, limit: { ...config.limit, ...flags.limit } };
  for (const name of alike) if (!given.has(name) && config[name] !== undefined) assign(merged, config, name);
  // --no-auth and keys contradict each other, so either flag takes the other's place in the file.
  const keys = given.has('apiKeyFile') || given.has('apiKey');
  if (given.has('auth') && !flags.auth && !keys) delete merged.apiKeyFile;
  else if (config.noAuth === true && !given.has('auth') && !keys) merged.auth = false;
  return merged;
}

function assign<Name extends (typeof alike)[number]>(to: ServeOptions, from: ServeConfig, name: Name): void {
  to[name] = from[name] as ServeOptions[Name];
}
