import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';

import { alignedBytes, ggufHead, type GgufTensorInfo, type GgufValue } from '@headway/engine/gguf-head';
import { storytellerPath } from '@headway/storyteller';
import { readGgufFileInfo } from 'node-llama-cpp';

import { cacheFolder } from '../cache-folder.ts';
import { clearRow, RandomBlocks } from './random-blocks.ts';
import { shapes, type Shape, type ShapeName } from './shapes.ts';
import { f32, formats, type FormatName, type TensorFormat } from './tensor-formats.ts';

const contextSize = 32_768;
/** Weights that are in memory at once. */
const sliceWeights = 1 << 24;

/** The file of an untrained model in the cache. Writes it where it is missing. */
export async function untrainedModel(shape: ShapeName, format: FormatName): Promise<string> {
  const file = join(cacheFolder(), `untrained-${shape}-${format}.gguf`);
  if (!existsSync(file)) await writeModel(file, shape, format);
  return file;
}

/**
 * Writes a model of this shape with random weights, tensor by tensor, so that it need not fit into memory. It has the
 * embedded model's vocabulary and chat template. It writes nonsense, but neither an end nor part of a character.
 */
export async function writeModel(file: string, shapeName: ShapeName, formatName: FormatName): Promise<void> {
  const shape: Shape = shapes[shapeName];
  const format: TensorFormat = formats[formatName];
  const { metadata } = await readGgufFileInfo(storytellerPath);
  const { ggml, chat_template: template } = metadata.tokenizer;
  const entries: Record<string, GgufValue> = {
    'general.architecture': 'llama',
    'general.name': `untrained-${shapeName}`,
    'general.file_type': format.fileType,
    'general.quantization_version': 2,
    'llama.vocab_size': ggml.tokens.length,
    'llama.context_length': contextSize,
    'llama.embedding_length': shape.width,
    'llama.block_count': shape.layers,
    'llama.feed_forward_length': shape.hidden,
    'llama.attention.head_count': shape.heads,
    'llama.attention.head_count_kv': shape.kvHeads,
    'llama.attention.layer_norm_rms_epsilon': 1e-5,
    'llama.rope.dimension_count': shape.width / shape.heads,
  };
  for (const [key, value] of Object.entries(ggml)) entries[`tokenizer.ggml.${key}`] = value as GgufValue;
  entries['tokenizer.chat_template'] = template as string;
  const types = ggml.token_type as readonly number[];
  const silent = ggml.tokens.flatMap((token, at) => (types[at] === 1 && isWholeText(token) ? [] : [at]));

  const tensors = describe(shape, ggml.tokens.length).map((tensor) => ({ ...tensor, info: stored(tensor, format) }));
  await mkdir(dirname(file), { recursive: true });
  const out = createWriteStream(`${file}.partial`);
  const write = async (bytes: Buffer) => {
    if (!out.write(bytes)) await once(out, 'drain');
  };
  await write(
    ggufHead(
      entries,
      tensors.map(({ info }) => info),
    ),
  );
  const random = new RandomBlocks(format, shapeName);
  for (const { name, width, rows, info } of tensors) {
    if (rows === undefined) await write(Buffer.from(new Float32Array(width).fill(1).buffer));
    const sliceRows = Math.max(1, Math.floor(sliceWeights / width));
    for (let row = 0; row < (rows ?? 0); row += sliceRows) {
      const count = Math.min(sliceRows, (rows ?? 0) - row);
      const slice = random.rows(count, width);
      const cleared = name === outputName ? silent.filter((at) => at >= row && at < row + count) : [];
      for (const at of cleared) clearRow(slice, at - row, width, format);
      await write(slice);
    }
    await write(Buffer.alloc(alignedBytes(info.bytes) - info.bytes));
  }
  out.end();
  await finished(out);
  await rename(`${file}.partial`, file);
}

const outputName = 'output.weight';

interface Tensor {
  name: string;
  width: number;
  /** Left out for a vector. */
  rows?: number;
}

function describe({ layers, width, heads, kvHeads, hidden }: Shape, vocabulary: number): Tensor[] {
  const kvWidth = (width / heads) * kvHeads;
  const block = (at: number): Tensor[] => [
    { name: `blk.${at}.attn_norm.weight`, width },
    { name: `blk.${at}.attn_q.weight`, width, rows: width },
    { name: `blk.${at}.attn_k.weight`, width, rows: kvWidth },
    { name: `blk.${at}.attn_v.weight`, width, rows: kvWidth },
    { name: `blk.${at}.attn_output.weight`, width, rows: width },
    { name: `blk.${at}.ffn_norm.weight`, width },
    { name: `blk.${at}.ffn_gate.weight`, width, rows: hidden },
    { name: `blk.${at}.ffn_up.weight`, width, rows: hidden },
    { name: `blk.${at}.ffn_down.weight`, width: hidden, rows: width },
  ];
  return [
    { name: 'token_embd.weight', width, rows: vocabulary },
    ...Array.from({ length: layers }, (_, at) => block(at)).flat(),
    { name: 'output_norm.weight', width },
    { name: outputName, width, rows: vocabulary },
  ];
}

function stored({ name, width, rows }: Tensor, format: TensorFormat): GgufTensorInfo {
  if (rows === undefined) return { name, shape: [width], type: f32.id, bytes: width * f32.bytes };
  const { id, blockWeights, blockBytes } = format;
  return { name, shape: [width, rows], type: id, bytes: ((width * rows) / blockWeights) * blockBytes };
}

/** Whether a token, in the alphabet of byte-level vocabularies, is ASCII: letters, signs, a space before them. */
const isWholeText = (token: string) => /^Ġ?[!-~]+$/.test(token);
