import { modelIdOf } from '@headway/engine';
import { foreignText } from '@headway/protocol';

import { problemLine } from '../config/source/config-problem.ts';
import { findConfigFile } from '../config/source/find-config-file.ts';
import type { ReadConfig } from '../config/read/read-config.ts';
import { configuredUpstreams } from '../config/configured-upstreams.ts';
import { chosenUpstreams } from '../options/upstream-options.ts';
import { readUpstreamKeys, type KeyFinding } from '../upstream/read-upstream-keys.ts';
import { mergeServeOptions } from './merge-serve-options.ts';
import { servedModels } from './served-models.ts';
import type { ServedModel } from './served-model.ts';
import type { ServeFlags, ServeOptions } from './serve-options.ts';

/** What `headway serve` serves, and how. */
export interface ServePlan {
  /** Flags and config file as one. */
  options: ServeOptions;
  /** At least one; the first is the default. */
  models: ServedModel[];
}

/**
 * Merges the flags of `headway serve` with its config file, and reads the keys of its upstreams. What is wrong in the file goes
 * to stderr, a line for each problem, and the result is null.
 *
 * @throws HeadwayError `invalid-request` for flags that contradict each other, and for two config files in the working folder
 */
export async function planServe(flags: ServeFlags, given: ReadonlySet<string>): Promise<ServePlan | null> {
  const file = flags.config === false ? null : (flags.config ?? findConfigFile(process.cwd()));
  const read = file === null ? null : await readConfigFile(file);
  if (file !== null && read !== null && read.config === null) {
    for (const problem of read.problems) tell(problemLine(file, problem));
    const without = flags.config === undefined ? ', or start without it by --no-config' : '';
    tell(`headway: ${file} cannot be served (problems: ${read.problems.length}); mend it${without}`);
    return null;
  }
  if (file !== null && flags.config === undefined) tell(`Config file: ${file}`);
  const config = read?.config ?? null;
  const merged = config === null ? flags : mergeServeOptions(flags, given, config);

  const upstreams = chosenUpstreams(flags);
  const byFlags = flags.model.length > 0 || upstreams.length > 0;
  const places = byFlags ? [] : configuredUpstreams(config);
  const asked = byFlags ? upstreams : places.map(({ settings }) => settings);
  const { keys, findings } = await readUpstreamKeys(asked);
  const lineOf = ({ at, field, message }: KeyFinding) => {
    const path = [...(places[at]?.path ?? []), field];
    return byFlags || read === null
      ? `headway: --upstream-key-${field === 'keyEnv' ? 'env' : 'file'}: ${message}`
      : problemLine(file ?? '', { path, message, ...read.locate({ path }) });
  };
  for (const line of new Set(findings.map(lineOf))) tell(line);
  if (findings.some(({ kind }) => kind !== 'warning')) return null;

  const models = servedModels({ flags: merged, given, config, upstreams, keys, idOf: modelIdOf });
  return { options: merged, models };
}

async function readConfigFile(file: string): Promise<ReadConfig> {
  const { readConfig } = await import('../config/read/read-config.ts');
  return readConfig(file);
}

function tell(line: string): void {
  process.stderr.write(`${foreignText(line)}\n`);
}
