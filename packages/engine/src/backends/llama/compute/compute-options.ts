import { fieldError, type HeadwayError } from '@headway/protocol';

import { isKvType, isQuantised, kvTypeNames, type KvType, type KvTypes } from './kv-types.ts';

/** How a model computes: options that change its speed and memory, and its text by rounding alone. */
export interface ComputeOptions {
  /** Layers on the GPU: a number, all (`max`), or as many as its memory holds. @default 'auto' */
  gpuLayers?: number | 'auto' | 'max';
  /**
   * Type of the slots' memory, one or one each for keys and values. `q8_0` takes 0.53 of the memory of `f16`. Quantised
   * values need flash attention. @default 'f16'
   */
  kvType?: KvType | KvTypes;
  /** Flash attention. `auto`: where the model and the device can. @default 'auto' */
  flashAttention?: boolean | 'auto';
  /** Most prompt tokens in one batch, 64 to 8,192; memory for a batch of this size is reserved. @default 512 */
  batchSize?: number;
  /** Lock the weights in RAM, so that the system never swaps them out. A notice says when it may not. @default false */
  mlock?: boolean;
}

/** All of `ComputeOptions`, checked. */
export interface ComputeSettings extends Required<ComputeOptions> {
  kvType: KvTypes;
}

/** The engine's smallest chunk, in tokens. */
const leastBatch = 64;
const mostBatch = 8192;
const mostLayers = 10_000;

/** @throws HeadwayError `invalid-request` that names the option, for a value out of bounds or a contradiction */
export function readComputeOptions({
  gpuLayers = 'auto',
  kvType = 'f16',
  flashAttention = 'auto',
  batchSize = 512,
  mlock = false,
}: ComputeOptions): ComputeSettings {
  if (gpuLayers !== 'auto' && gpuLayers !== 'max' && !isWhole(gpuLayers, 0, mostLayers))
    throw wrong('gpuLayers', `${String(gpuLayers)} is not a whole number from 0 to ${mostLayers}, "auto" or "max"`);
  const types = typeof kvType === 'string' ? { keys: kvType, values: kvType } : kvType;
  for (const type of [types.keys, types.values])
    if (!isKvType(type)) throw wrong('kvType', `there is no type "${String(type)}"; use ${kvTypeNames.join(', ')}`);
  if (flashAttention !== 'auto' && typeof flashAttention !== 'boolean')
    throw wrong('flashAttention', `${String(flashAttention)} is not true, false or "auto"`);
  if (!isWhole(batchSize, leastBatch, mostBatch))
    throw wrong('batchSize', `${batchSize} is not a whole number from ${leastBatch} to ${mostBatch}`);
  if (flashAttention === false && isQuantised(types.values)) {
    const instead = isQuantised(types.keys) ? `${types.keys},f16` : 'f16';
    throw wrong(
      'kvType',
      `values of ${types.values} need flash attention; leave out --flash-attn off, or use --kv-type ${instead}`,
    );
  }
  return { gpuLayers, kvType: types, flashAttention, batchSize, mlock };
}

const isWhole = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;

function wrong(option: keyof ComputeOptions, message: string): HeadwayError {
  return fieldError({ path: [option], message });
}
