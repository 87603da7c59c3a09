import type { Issue } from '@headway/protocol';

import type { ParsedConfig, ParsedModel } from '../schema/config-schema.ts';
import type { ConfiguredModel, ServeConfig } from '../serve-config.ts';
import { accessFaults } from './access-faults.ts';
import { computeFault } from './compute-fault.ts';
import { configPath } from './config-paths.ts';
import { nameFaults } from './name-faults.ts';

/** A config with what this machine has to give to it, and what is wrong with that. */
export interface ResolvedConfig {
  config: ServeConfig;
  issues: Issue[];
}

/** Finds the files that a checked config names, gives each model its id, and checks what takes more than the schema. */
export async function resolveConfig(
  { models = [], apiKeyFile, ...settings }: ParsedConfig,
  folder: string,
): Promise<ResolvedConfig> {
  const issues: Issue[] = [];
  const found: ConfiguredModel[] = [];
  for (const [at, model] of models.entries()) {
    const fault = (field: string, message: string) => void issues.push({ path: ['models', at, field], message });
    found.push(await resolveModel(model, folder, fault));
    if (model.file !== undefined) {
      const message = computeFault({ ...settings, ...model });
      if (message !== null) fault(model.flashAttn === undefined ? 'kvType' : 'flashAttn', message);
    }
  }
  const config = { ...settings, apiKeyFile: apiKeyFile && configPath(folder, apiKeyFile), models: found };
  issues.push(...nameFaults(found), ...(await accessFaults(config)));
  return { config, issues };
}

/** The engine, and with it llama.cpp, is imported for local models alone. */
async function resolveModel(
  model: ParsedModel,
  folder: string,
  fault: (field: string, message: string) => void,
): Promise<ConfiguredModel> {
  const { id = '', aliases = [], ctx, upstreams } = model;
  if (upstreams === undefined) {
    const { localModel } = await import('./local-model.ts');
    return localModel(model, folder, fault);
  }
  const resolved = upstreams.map((one) =>
    one.keyFile === undefined ? one : { ...one, keyFile: configPath(folder, one.keyFile) },
  );
  return { kind: 'upstream', id, aliases, ctx, upstreams: resolved };
}
