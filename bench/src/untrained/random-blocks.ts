import { createCipheriv, createHash, type Cipher } from 'node:crypto';

import type { TensorFormat } from './tensor-formats.ts';

/** Rows of random weights in blocks. The same seed gives the same bytes on every machine. */
export class RandomBlocks {
  readonly #format: TensorFormat;
  readonly #bytes: Cipher;

  constructor(format: TensorFormat, seed: string) {
    this.#format = format;
    const key = createHash('sha256').update(seed).digest();
    this.#bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  /** Rows of `width` weights, scaled so that the sum of a row times a vector is of the vector's size. */
  rows(count: number, width: number): Buffer {
    const { blockBytes, blockWeights, deviation } = this.#format;
    const data = this.#bytes.update(Buffer.alloc(((count * width) / blockWeights) * blockBytes));
    const scale = halfPrecision(1 / (deviation * Math.sqrt(width)));
    for (let at = 0; at < data.length; at += blockBytes) data.writeUInt16LE(scale, at);
    return data;
  }
}

/** Sets the scales of a row to zero, so that all its weights are zero. */
export function clearRow(rows: Buffer, row: number, width: number, format: TensorFormat): void {
  const rowBytes = (width / format.blockWeights) * format.blockBytes;
  for (let at = row * rowBytes; at < (row + 1) * rowBytes; at += format.blockBytes) rows.writeUInt16LE(0, at);
}

/** The bits of a positive number that is neither very small nor very large for half precision. */
function halfPrecision(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) + Math.round((value / 2 ** exponent - 1) * 1024);
}
