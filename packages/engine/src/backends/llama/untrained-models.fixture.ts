import { storytellerPath } from '@headway/storyteller';
import { readGgufFileInfo } from 'node-llama-cpp';

import { ggufFile, type GgufTensor, type GgufValue } from './gguf-file.fixture.ts';

const width = 64;
const layers = 6;
const contextSize = 8192;

/** Window of the windowed layers of `slidingWindowModel`, in tokens. */
const window = 64;

/** A model in which five of six layers see only a window, as in Gemma 3. */
export function slidingWindowModel({ headWidth = 16 } = {}): Promise<Buffer> {
  const heads = 4;
  const hidden = 128;
  return untrained('gemma3', (tensor) => ({
    metadata: {
      feed_forward_length: hidden,
      'attention.head_count': heads,
      'attention.head_count_kv': 2,
      'attention.key_length': headWidth,
      'attention.value_length': headWidth,
      'attention.layer_norm_rms_epsilon': 1e-6,
      'attention.sliding_window': window,
    },
    block: (at) => [
      tensor.ones(`blk.${at}.attn_norm.weight`, width),
      tensor.random(`blk.${at}.attn_q.weight`, width, heads * headWidth),
      tensor.random(`blk.${at}.attn_k.weight`, width, 2 * headWidth),
      tensor.random(`blk.${at}.attn_v.weight`, width, 2 * headWidth),
      tensor.random(`blk.${at}.attn_output.weight`, heads * headWidth, width),
      tensor.ones(`blk.${at}.attn_q_norm.weight`, headWidth),
      tensor.ones(`blk.${at}.attn_k_norm.weight`, headWidth),
      tensor.ones(`blk.${at}.post_attention_norm.weight`, width),
      tensor.ones(`blk.${at}.ffn_norm.weight`, width),
      tensor.random(`blk.${at}.ffn_gate.weight`, width, hidden),
      tensor.random(`blk.${at}.ffn_up.weight`, width, hidden),
      tensor.random(`blk.${at}.ffn_down.weight`, hidden, width),
      tensor.ones(`blk.${at}.post_ffw_norm.weight`, width),
    ],
  }));
}

/** A model whose file names a window, as Phi-3's do, though llama.cpp lets every layer see all tokens. */
export function unwindowedModel(): Promise<Buffer> {
  const hidden = 128;
  return untrained('phi3', (tensor) => ({
    metadata: {
      feed_forward_length: hidden,
      'attention.head_count': 4,
      'attention.head_count_kv': 4,
      'attention.layer_norm_rms_epsilon': 1e-5,
      'attention.sliding_window': window,
      'rope.dimension_count': 16,
      'rope.scaling.original_context_length': contextSize,
    },
    block: (at) => [
      tensor.ones(`blk.${at}.attn_norm.weight`, width),
      tensor.random(`blk.${at}.attn_qkv.weight`, width, 3 * width),
      tensor.random(`blk.${at}.attn_output.weight`, width, width),
      tensor.ones(`blk.${at}.ffn_norm.weight`, width),
      tensor.random(`blk.${at}.ffn_up.weight`, width, 2 * hidden),
      tensor.random(`blk.${at}.ffn_down.weight`, hidden, width),
    ],
  }));
}

/** A model with a recurrent state instead of a memory of tokens, as in Mamba. */
export function recurrentModel(): Promise<Buffer> {
  const inner = 2 * width;
  const state = 16;
  const kernel = 4;
  const rank = 4;
  return untrained('mamba', (tensor) => ({
    metadata: {
      feed_forward_length: 0,
      'attention.head_count': 0,
      'attention.layer_norm_rms_epsilon': 1e-5,
      'ssm.conv_kernel': kernel,
      'ssm.inner_size': inner,
      'ssm.state_size': state,
      'ssm.time_step_rank': rank,
    },
    block: (at) => [
      tensor.ones(`blk.${at}.attn_norm.weight`, width),
      tensor.random(`blk.${at}.ssm_in.weight`, width, 2 * inner),
      tensor.random(`blk.${at}.ssm_conv1d.weight`, kernel, inner),
      tensor.random(`blk.${at}.ssm_conv1d.bias`, inner),
      tensor.random(`blk.${at}.ssm_x.weight`, inner, rank + 2 * state),
      tensor.random(`blk.${at}.ssm_dt.weight`, rank, inner),
      // A small time step, so that the state forgets slowly.
      tensor.all(`blk.${at}.ssm_dt.bias`, -4, inner),
      tensor.all(`blk.${at}.ssm_a`, -1, state, inner),
      tensor.ones(`blk.${at}.ssm_d`, inner),
      tensor.random(`blk.${at}.ssm_out.weight`, inner, width),
    ],
  }));
}

/** A model with this many learned positions, as in GPT-2. */
export function learnedPositionsModel(positions: number): Promise<Buffer> {
  const hidden = 128;
  return untrained('gpt2', (tensor) => {
    const withBias = (name: string, ...shape: number[]) => [
      tensor.random(`${name}.weight`, ...shape),
      tensor.all(`${name}.bias`, 0, shape.at(-1) ?? 0),
    ];
    const norm = (name: string) => [tensor.ones(`${name}.weight`, width), tensor.all(`${name}.bias`, 0, width)];
    return {
      metadata: {
        context_length: positions,
        feed_forward_length: hidden,
        'attention.head_count': 4,
        'attention.layer_norm_epsilon': 1e-5,
      },
      block: (at) => [
        ...(at === 0
          ? [tensor.random('position_embd.weight', width, positions), tensor.all('output_norm.bias', 0, width)]
          : []),
        ...norm(`blk.${at}.attn_norm`),
        ...withBias(`blk.${at}.attn_qkv`, width, 3 * width),
        ...withBias(`blk.${at}.attn_output`, width, width),
        ...norm(`blk.${at}.ffn_norm`),
        ...withBias(`blk.${at}.ffn_up`, width, hidden),
        ...withBias(`blk.${at}.ffn_down`, hidden, width),
      ],
    };
  });
}

interface Architecture {
  /** Keys without the architecture's prefix. */
  metadata: Readonly<Record<string, GgufValue>>;
  block: (layer: number) => GgufTensor[];
}

/** The embedded model's vocabulary with seeded random weights: it writes nonsense, always the same. */
async function untrained(architecture: string, describe: (tensor: TensorMaker) => Architecture): Promise<Buffer> {
  const embedded = storytellerPath;
  const { metadata } = await readGgufFileInfo(embedded);
  const { ggml, chat_template } = metadata.tokenizer;
  const tensor = new TensorMaker();
  const { metadata: rest, block } = describe(tensor);
  const own = { context_length: contextSize, embedding_length: width, block_count: layers, ...rest };
  const entries: Record<string, GgufValue> = { 'general.architecture': architecture };
  for (const [key, value] of Object.entries(own)) entries[`${architecture}.${key}`] = value;
  for (const [key, value] of Object.entries(ggml)) entries[`tokenizer.ggml.${key}`] = value as GgufValue;
  entries['tokenizer.chat_template'] = chat_template as string;
  return ggufFile(entries, [
    tensor.random('token_embd.weight', width, ggml.tokens.length),
    tensor.random('output.weight', width, ggml.tokens.length),
    ...Array.from({ length: layers }, (_, at) => block(at)).flat(),
    tensor.ones('output_norm.weight', width),
  ]);
}

class TensorMaker {
  #seed = 1;

  all(name: string, value: number, ...shape: number[]): GgufTensor {
    return { name, shape, data: new Float32Array(sizeOf(shape)).fill(value) };
  }

  ones(name: string, ...shape: number[]): GgufTensor {
    return this.all(name, 1, ...shape);
  }

  /** Random numbers around zero, scaled so that activations keep their size. */
  random(name: string, ...shape: number[]): GgufTensor {
    const scale = Math.sqrt(3 / (shape[0] ?? 1));
    return { name, shape, data: Float32Array.from({ length: sizeOf(shape) }, () => (this.#next() * 2 - 1) * scale) };
  }

  /** Mulberry32. */
  #next(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);
