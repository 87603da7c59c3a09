import { kvTypeNames, readComputeOptions, type ComputeOptions, type KvTypes } from '@headway/engine/compute';
import { InvalidArgumentError, Option } from 'commander';

import { wholeNumber } from './number-argument.ts';
import { serveBounds } from './serve-bounds.ts';

/** The values of `computeOptions()`. */
export interface ComputeFlags {
  gpuLayers?: number | 'auto' | 'max';
  kvType?: KvTypes;
  flashAttn?: 'on' | 'off' | 'auto';
  batchSize?: number;
  mlock?: boolean;
}

/** How a model computes, in every command that loads one. */
export function computeOptions(): Option[] {
  return [
    new Option('--gpu-layers <number>', 'layers on the GPU: a number, max or auto (default: as many as fit)').argParser(
      parseLayers,
    ),
    new Option(
      '--kv-type <type>',
      `type of the slots' memory, or two: keys,values (${kvTypeNames.join(', ')}; default: f16)`,
    ).argParser(parseKvTypes),
    new Option(
      '--flash-attn <when>',
      'flash attention: on, off or auto (default: where model and device can)',
    ).argParser(parseFlashAttention),
    new Option('--batch-size <tokens>', 'most prompt tokens in one batch (default: 512)').argParser(
      wholeNumber(...serveBounds.batchSize),
    ),
    new Option('--mlock', 'lock the weights in RAM, so that they are never swapped out'),
  ];
}

/** Their names, for options that exclude them. */
export function computeFlagNames(): string[] {
  return computeOptions().map((option) => option.attributeName());
}

/**
 * The engine's options for these flags.
 *
 * @throws HeadwayError `invalid-request` for flags that contradict each other
 */
export function chosenCompute({ gpuLayers, kvType, flashAttn, batchSize, mlock }: ComputeFlags): ComputeOptions {
  const chosen: ComputeOptions = {
    gpuLayers,
    kvType,
    flashAttention: flashAttn === undefined || flashAttn === 'auto' ? flashAttn : flashAttn === 'on',
    batchSize,
    mlock,
  };
  readComputeOptions(chosen);
  return chosen;
}

export function parseLayers(text: string): number | 'auto' | 'max' {
  if (text === 'auto' || text === 'max') return text;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 0 to 9999, max or auto.');
}

export function parseKvTypes(text: string): KvTypes {
  const [keys, values = keys, ...more] = text.split(',');
  const known = (name: string | undefined) => kvTypeNames.find((one) => one === name);
  const types = { keys: known(keys), values: known(values) };
  if (types.keys === undefined || types.values === undefined || more.length > 0) {
    throw new InvalidArgumentError(`Use one of ${kvTypeNames.join(', ')}, or two with a comma between: keys,values.`);
  }
  return { keys: types.keys, values: types.values };
}

export function parseFlashAttention(text: string): 'on' | 'off' | 'auto' {
  if (text === 'on' || text === 'off' || text === 'auto') return text;
  throw new InvalidArgumentError('Use on, off or auto.');
}
