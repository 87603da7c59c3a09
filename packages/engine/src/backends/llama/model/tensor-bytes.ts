import { GgmlType, type GgufTensorInfo } from 'node-llama-cpp';

/** Weights in a block, and the block's bytes, in ggml's layout. */
const blocks: Partial<Record<GgmlType, readonly [weights: number, bytes: number]>> = {
  [GgmlType.F32]: [1, 4],
  [GgmlType.F16]: [1, 2],
  [GgmlType.BF16]: [1, 2],
  [GgmlType.F64]: [1, 8],
  [GgmlType.I8]: [1, 1],
  [GgmlType.I16]: [1, 2],
  [GgmlType.I32]: [1, 4],
  [GgmlType.I64]: [1, 8],
  [GgmlType.Q4_0]: [32, 18],
  [GgmlType.Q4_1]: [32, 20],
  [GgmlType.Q5_0]: [32, 22],
  [GgmlType.Q5_1]: [32, 24],
  [GgmlType.Q8_0]: [32, 34],
  [GgmlType.Q2_K]: [256, 84],
  [GgmlType.Q3_K]: [256, 110],
  [GgmlType.Q4_K]: [256, 144],
  [GgmlType.Q5_K]: [256, 176],
  [GgmlType.Q6_K]: [256, 210],
  [GgmlType.IQ1_S]: [256, 50],
  [GgmlType.IQ1_M]: [256, 56],
  [GgmlType.IQ2_XXS]: [256, 66],
  [GgmlType.IQ2_XS]: [256, 74],
  [GgmlType.IQ2_S]: [256, 82],
  [GgmlType.IQ3_XXS]: [256, 98],
  [GgmlType.IQ3_S]: [256, 110],
  [GgmlType.IQ4_XS]: [256, 136],
  [GgmlType.IQ4_NL]: [32, 18],
  [GgmlType.TQ1_0]: [256, 54],
  [GgmlType.TQ2_0]: [256, 66],
  [GgmlType.MXFP4]: [32, 17],
};

/** Bytes of a tensor; 0 for a type that this table lacks. */
function bytesOf({ dimensions, ggmlType }: GgufTensorInfo): number {
  const [weights, bytes] = blocks[ggmlType] ?? [1, 0];
  return (dimensions.reduce<number>((product, length) => product * Number(length), 1) / weights) * bytes;
}

/** Least bytes of a file that holds all of these tensors. */
export function bytesFor(tensors: readonly GgufTensorInfo[]): number {
  return tensors.reduce((end, tensor) => Math.max(end, Number(tensor.fileOffset) + bytesOf(tensor)), 0);
}
