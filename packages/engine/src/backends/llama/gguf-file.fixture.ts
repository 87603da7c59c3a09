import { alignedBytes, ggufHead, type GgufValue } from './gguf/gguf-head.ts';

export type { GgufValue };

export interface GgufTensor {
  name: string;
  /** Dimensions in GGUF's order, the fastest-changing first. */
  shape: readonly number[];
  data: Float32Array;
}

/** The number of 32-bit floats among ggml's types. */
const f32 = 0;

/** A GGUF file with 32-bit float tensors. */
export function ggufFile(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const infos = tensors.map(({ name, shape, data }) => ({ name, shape, type: f32, bytes: data.byteLength }));
  const bodies = tensors.map(({ data }) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return Buffer.concat([bytes, Buffer.alloc(alignedBytes(bytes.length) - bytes.length)]);
  });
  return Buffer.concat([ggufHead(metadata, infos), ...bodies]);
}
