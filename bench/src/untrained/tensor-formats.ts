/** How a tensor's weights are stored: in blocks that share a scale. */
export interface TensorFormat {
  /** GGUF's number for the format. */
  id: number;
  /** GGUF's number for files that are mostly in this format. */
  fileType: number;
  blockWeights: number;
  blockBytes: number;
  /** Standard deviation of a block's weights before they are scaled, when their bits are random. */
  deviation: number;
}

/** https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h */
export const formats = {
  /** A half-precision scale, then 32 signed bytes. */
  q8_0: { id: 8, fileType: 7, blockWeights: 32, blockBytes: 34, deviation: Math.sqrt((256 ** 2 - 1) / 12) },
  /** A half-precision scale, then 32 numbers of 4 bits. */
  q4_0: { id: 2, fileType: 2, blockWeights: 32, blockBytes: 18, deviation: Math.sqrt((16 ** 2 - 1) / 12) },
} satisfies Record<string, TensorFormat>;

/** 32-bit floats, in which vectors are stored. */
export const f32 = { id: 0, bytes: 4 };

export type FormatName = keyof typeof formats;

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(formats, name);
