import type { LlamaOptions } from '@headway/engine';
import { InvalidArgumentError, Option } from 'commander';

import { wholeNumber } from './number-argument.ts';
import { serveBounds } from './serve-bounds.ts';

export type Threads = NonNullable<LlamaOptions['threads']>;

/** `--threads 4` for both, or `--threads 1,4` for decode and prefill each. */
export function threadsOption(): Option {
  return new Option(
    '--threads <number>',
    'threads that compute, or two numbers: to write,to read (default: measured at load)',
  ).argParser(parseThreads);
}

const count = wholeNumber(...serveBounds.threads);

export function parseThreads(text: string): Threads {
  const [decode, prefill, ...more] = text.split(',');
  if (decode === undefined || more.length > 0)
    throw new InvalidArgumentError('Use one number, or two with a comma between: to write,to read.');
  return prefill === undefined ? count(decode) : { decode: count(decode), prefill: count(prefill) };
}
