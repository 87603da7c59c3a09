import { HeadwayError } from '@headway/protocol';
import { Option } from 'commander';

import { isVariableName } from '../upstream/upstream-key.ts';
import type { UpstreamSettings } from '../upstream/upstream-settings.ts';
import { upstreamTypes, type UpstreamType } from '../upstream/upstream-types.ts';
import { upstreamUrlFault } from '../upstream/upstream-url.ts';
import { wholeNumber } from './number-argument.ts';
import { serveBounds } from './serve-bounds.ts';

/** The values of `upstreamOptions()`. */
export interface UpstreamFlags {
  upstream: string[];
  upstreamModel?: string;
  upstreamType?: UpstreamType;
  upstreamKeyEnv?: string;
  upstreamKeyFile?: string;
  upstreamConcurrency?: number;
}

/** One model that other servers answer for. More models, or different servers, need a config file. */
export function upstreamOptions(): Option[] {
  return [
    new Option('--upstream <url>', 'let the server at this address answer, like http://gpu1:8000/v1; repeat for a pool')
      .default([], 'none')
      .argParser((value: string, before: string[]) => [...before, value]),
    new Option('--upstream-model <id>', "the model's id there (default: the only one that the server lists)"),
    new Option('--upstream-type <name>', 'what kind of server it is (default: detected)').choices(upstreamTypes),
    new Option('--upstream-key-env <name>', 'the environment variable that holds the key for it').conflicts(
      'upstreamKeyFile',
    ),
    new Option('--upstream-key-file <path>', 'the file whose first line is the key for it'),
    new Option('--upstream-concurrency <number>', 'requests that each server gets at once').argParser(
      wholeNumber(...serveBounds.concurrency),
    ),
  ];
}

/**
 * The servers that the flags name; empty without `--upstream`. Commander repeats a value that it refuses, and these may hold
 * a key, so they are checked here.
 *
 * @throws HeadwayError `invalid-request` that repeats no value
 */
export function chosenUpstreams(flags: UpstreamFlags): UpstreamSettings[] {
  const { upstream, upstreamModel, upstreamType, upstreamKeyEnv, upstreamKeyFile, upstreamConcurrency } = flags;
  const settings = {
    model: upstreamModel,
    type: upstreamType,
    keyEnv: upstreamKeyEnv,
    keyFile: upstreamKeyFile,
    concurrency: upstreamConcurrency,
  };
  if (upstream.length === 0 && Object.values(settings).some((value) => value !== undefined))
    throw refused(
      '--upstream',
      'is missing, which the other --upstream flags need; add --upstream http://host:8000/v1',
    );
  for (const url of upstream) {
    const fault = upstreamUrlFault(url);
    if (fault !== null) throw refused('--upstream', fault.replace('keyEnv or keyFile', '--upstream-key-env or -file'));
  }
  if (upstreamKeyEnv !== undefined && !isVariableName(upstreamKeyEnv))
    throw refused('--upstream-key-env', 'must be the name of a variable, like GPU1_KEY, and not the key itself');
  return upstream.map((url) => ({ url, ...settings }));
}

function refused(flag: string, why: string): HeadwayError {
  return new HeadwayError('invalid-request', `${flag} ${why}`);
}
