import type { GgmlType } from 'node-llama-cpp';

/**
 * The types that a slot's memory of keys and values can have, as llama.cpp names them, the largest first. A type with
 * blocks of one number is not quantised.
 */
const types = {
  f32: { ggml: 'F32', block: 1 },
  f16: { ggml: 'F16', block: 1 },
  bf16: { ggml: 'BF16', block: 1 },
  q8_0: { ggml: 'Q8_0', block: 32 },
  q5_1: { ggml: 'Q5_1', block: 32 },
  q5_0: { ggml: 'Q5_0', block: 32 },
  q4_1: { ggml: 'Q4_1', block: 32 },
  q4_0: { ggml: 'Q4_0', block: 32 },
  iq4_nl: { ggml: 'IQ4_NL', block: 32 },
} as const satisfies Record<string, { ggml: keyof typeof GgmlType; block: number }>;

export type KvType = keyof typeof types;

/** A type each for the keys and the values. */
export interface KvTypes {
  keys: KvType;
  values: KvType;
}

/** The largest first. */
export const kvTypeNames = Object.keys(types) as readonly KvType[];

export const isKvType = (name: unknown): name is KvType => typeof name === 'string' && Object.hasOwn(types, name);

export const isQuantised = (type: KvType): boolean => types[type].block > 1;

/** Numbers that a block of the type packs together; a head's length must be a multiple of it. */
export const blockOf = (type: KvType): number => types[type].block;

/** node-llama-cpp's name of the type. */
export const ggmlName = (type: KvType) => types[type].ggml;
