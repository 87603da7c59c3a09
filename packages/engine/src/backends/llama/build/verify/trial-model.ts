import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

import { readGgufFileInfo } from 'node-llama-cpp';

import { alignedBytes, ggufHead, type GgufTensorInfo, type GgufValue } from '../../gguf/gguf-head.ts';

// A model of 76 million weights: a token takes some milliseconds, nearly all of them in matrices, as in a useful one.
const width = 768;
const layers = 12;
const heads = 12;
const headsKv = 4;
const hidden = 2048;

/** Types of ggml by which most models are quantized: their numbers, and weights and bytes of a block. */
const types = {
  f32: { type: 0, weights: 1, bytes: 4 },
  q8: { type: 8, weights: 32, bytes: 34 },
  q4k: { type: 12, weights: 256, bytes: 144 },
} as const;

interface Tensor extends GgufTensorInfo {
  kind: keyof typeof types;
}

/**
 * Writes a model with random weights, for measuring: speed does not depend on what the weights say. Its vocabulary is
 * that of the GGUF file `vocabulary`.
 */
export async function writeTrialModel(path: string, { vocabulary }: { vocabulary: string }): Promise<void> {
  const { metadata } = await readGgufFileInfo(vocabulary);
  const { ggml } = metadata.tokenizer;
  const words = ggml.tokens.length;
  const kv = (width / heads) * headsKv;
  const tensors = [
    tensor('token_embd.weight', 'q8', width, words),
    tensor('output_norm.weight', 'f32', width),
    ...Array.from({ length: layers }, (_, at) => [
      tensor(`blk.${at}.attn_norm.weight`, 'f32', width),
      tensor(`blk.${at}.attn_q.weight`, 'q8', width, width),
      tensor(`blk.${at}.attn_k.weight`, 'q8', width, kv),
      tensor(`blk.${at}.attn_v.weight`, 'q8', width, kv),
      tensor(`blk.${at}.attn_output.weight`, 'q8', width, width),
      tensor(`blk.${at}.ffn_norm.weight`, 'f32', width),
      tensor(`blk.${at}.ffn_gate.weight`, 'q4k', width, hidden),
      tensor(`blk.${at}.ffn_up.weight`, 'q4k', width, hidden),
      tensor(`blk.${at}.ffn_down.weight`, 'q4k', hidden, width),
    ]).flat(),
  ];
  const entries: Record<string, GgufValue> = {
    'general.architecture': 'llama',
    'llama.context_length': 2048,
    'llama.embedding_length': width,
    'llama.block_count': layers,
    'llama.feed_forward_length': hidden,
    'llama.attention.head_count': heads,
    'llama.attention.head_count_kv': headsKv,
    'llama.attention.layer_norm_rms_epsilon': 1e-5,
    'llama.rope.dimension_count': width / heads,
  };
  for (const [key, value] of Object.entries(ggml)) entries[`tokenizer.ggml.${key}`] = value as GgufValue;
  const file = await open(path, 'w');
  try {
    await file.writeFile(ggufHead(entries, tensors));
    for (const one of tensors) {
      await file.writeFile(dataOf(one));
      await file.writeFile(Buffer.alloc(alignedBytes(one.bytes) - one.bytes));
    }
  } finally {
    await file.close();
  }
}

function tensor(name: string, kind: keyof typeof types, ...shape: number[]): Tensor {
  const weights = shape.reduce((product, length) => product * length, 1);
  const { type, weights: each, bytes } = types[kind];
  return { name, kind, shape, type, bytes: (weights / each) * bytes };
}

/** Half-precision scales, so small that activations keep their size. */
const scale = { q8: 0x1000, q4k: 0x0c00, q4kLeast: 0x1800 };

function dataOf({ kind, bytes }: Tensor): Buffer {
  const data = Buffer.alloc(bytes);
  if (kind === 'f32') {
    new Float32Array(data.buffer, data.byteOffset, bytes / 4).fill(1);
    return data;
  }
  randomFillSync(data);
  for (let at = 0; at < bytes; at += types[kind].bytes) {
    data.writeUInt16LE(scale[kind], at);
    if (kind === 'q4k') data.writeUInt16LE(scale.q4kLeast, at + 2);
  }
  return data;
}
