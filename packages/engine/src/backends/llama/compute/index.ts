export { readComputeOptions, type ComputeOptions } from './compute-options.ts';
export { kvTypeNames, type KvType, type KvTypes } from './kv-types.ts';
