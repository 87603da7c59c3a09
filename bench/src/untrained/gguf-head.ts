/** A value of the metadata. Integers are stored as u32, other numbers as f32, lists by their first item's type. */
export type GgufValue = string | boolean | number | readonly string[] | readonly number[];

export interface TensorInfo {
  name: string;
  /** Dimensions in GGUF's order, the fastest-changing first. */
  shape: readonly number[];
  /** GGUF's number for its format. */
  format: number;
  bytes: number;
}

const tags = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };
const alignment = 32;

/** How many bytes of padding follow a tensor, or the head. */
export const paddingAfter = (bytes: number): number => (alignment - (bytes % alignment)) % alignment;

/** Everything before the tensors' data, in version 3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export function ggufHead(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly TensorInfo[]): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(string(key), tagged(value));
  let offset = 0;
  for (const { name, shape, format, bytes } of tensors) {
    parts.push(string(name), u32(shape.length), ...shape.map(u64), u32(format), u64(offset));
    offset += bytes + paddingAfter(bytes);
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, Buffer.alloc(paddingAfter(head.length))]);
}

function tagged(value: GgufValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(tags.string), string(value)]);
  if (typeof value === 'boolean') return Buffer.concat([u32(tags.bool), Buffer.from([Number(value)])]);
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? Buffer.concat([u32(tags.u32), u32(value)])
      : Buffer.concat([u32(tags.f32), f32(value)]);
  const ofTexts = typeof value[0] === 'string';
  const items = value.map((item) => (typeof item === 'string' ? string(item) : i32(item)));
  return Buffer.concat([u32(tags.array), u32(ofTexts ? tags.string : tags.i32), u64(items.length), ...items]);
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
