/** A value of a GGUF file's metadata. Integers are stored as u32, other numbers as f32, lists by their first item's type. */
export type GgufValue = string | boolean | number | readonly string[] | readonly number[];

export interface GgufTensorInfo {
  name: string;
  /** Dimensions in GGUF's order, the fastest-changing first. */
  shape: readonly number[];
  /** The number of its type in ggml. */
  type: number;
  bytes: number;
}

const type = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };
const alignment = 32;

/**
 * What precedes the tensors' data in a GGUF file (version 3): https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * The workspace's benchmarks import it as `@headway/engine/gguf-head`, which the published package does not export.
 */
export function ggufHead(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensorInfo[]): Buffer {
  let offset = 0;
  const infos = tensors.map((tensor) => {
    const { name, shape } = tensor;
    const info = [string(name), u32(shape.length), ...shape.map(u64), u32(tensor.type), u64(offset)];
    offset += alignedBytes(tensor.bytes);
    return Buffer.concat(info);
  });
  const entries = Object.entries(metadata).map(([key, value]) => Buffer.concat([string(key), tagged(value)]));
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries,
    ...infos,
  ]);
  return Buffer.concat([head, Buffer.alloc(alignedBytes(head.length) - head.length)]);
}

/** The bytes that so many take in the file, where each part begins at a multiple of 32. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function tagged(value: GgufValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(type.string), string(value)]);
  if (typeof value === 'boolean') return Buffer.concat([u32(type.bool), Buffer.from([Number(value)])]);
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? Buffer.concat([u32(type.u32), u32(value)])
      : Buffer.concat([u32(type.f32), f32(value)]);
  }
  const texts = typeof value[0] === 'string';
  const items = value.map((item) => (typeof item === 'string' ? string(item) : i32(item)));
  return Buffer.concat([u32(type.array), u32(texts ? type.string : type.i32), u64(items.length), ...items]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
