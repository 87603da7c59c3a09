import { Option } from 'commander';

import { computeFlagNames, computeOptions, type ComputeFlags } from './compute-options.ts';
import { decimalNumber, wholeNumber } from './number-argument.ts';
import { threadsOption, type Threads } from './threads-option.ts';

/** The values of `generationOptions()`. */
export interface GenerationOptions {
  maxTokens?: number;
  temperature?: number;
  seed?: number;
  system?: string;
}

/** The values of `modelOptions()`. */
export interface ModelOptions extends ComputeFlags {
  url?: string;
  apiKey?: string;
  ctx?: number;
  threads?: Threads;
}

export function generationOptions(): Option[] {
  return [
    new Option('--max-tokens <number>', 'tokens to write at most').argParser(wholeNumber(1, 10_000_000)),
    new Option('--temperature <number>', '0 always takes the likeliest token').argParser(decimalNumber(0, 100)),
    new Option('--seed <number>', 'the same seed gives the same text').argParser(wholeNumber(0, 0xffff_ffff)),
    new Option('--system <text>', 'the system prompt'),
  ];
}

export function modelOptions(): Option[] {
  return [
    new Option('--url <url>', 'let this gateway generate; the model is then one of its models').conflicts([
      'ctx',
      'threads',
      ...computeFlagNames(),
    ]),
    new Option('--api-key <key>', 'key for the gateway at --url').env('HEADWAY_API_KEY'),
    new Option(
      '--ctx <tokens>',
      'context, prompt and answer together (default: the trained size, as memory allows)',
    ).argParser(wholeNumber(16, 16_777_216)),
    threadsOption(),
    ...computeOptions(),
  ];
}
