import { storytellerPath } from '@headway/storyteller';
import { readGgufFileInfo } from 'node-llama-cpp';

import { ggufFile, type GgufValue } from '../gguf-file.fixture.ts';

export interface VocabularyFileOptions {
  /** The embedded model's byte pairs, or a small SentencePiece vocabulary. @default 'bpe' */
  kind?: 'bpe' | 'spm';
  /** Special tokens, which llama.cpp parses only on request. */
  control?: readonly string[];
  /** Tokens that llama.cpp parses in any text, like those of `added_tokens` that are not special. */
  plain?: readonly string[];
  /** llama.cpp reads this name: with `phi-3` in it, special tokens swallow the spaces after them. */
  name?: string;
}

/** The bytes of a GGUF file without weights, to be loaded with `vocabOnly`. */
export async function vocabularyFile({
  kind = 'bpe',
  control = [],
  plain = [],
  name = 'made',
}: VocabularyFileOptions): Promise<Buffer> {
  const base = kind === 'bpe' ? await bytePairs() : sentencePieces();
  const added = [
    ...control.map((text) => ({ text, type: type.control })),
    ...plain.map((text) => ({ text, type: type.plain })),
  ];
  const entries: Record<string, GgufValue> = {
    'general.architecture': 'llama',
    'general.name': name,
    'llama.context_length': 2048,
    'llama.embedding_length': 64,
    'llama.block_count': 1,
    'llama.feed_forward_length': 128,
    'llama.attention.head_count': 4,
    'llama.attention.layer_norm_rms_epsilon': 1e-5,
  };
  for (const [key, value] of Object.entries({
    ...base,
    tokens: [...base.tokens, ...added.map(({ text }) => text)],
    token_type: [...base.token_type, ...added.map((token) => token.type)],
    ...(base.scores && { scores: [...base.scores, ...added.map(() => -0.5)] }),
  })) {
    if (value !== undefined) entries[`tokenizer.ggml.${key}`] = value;
  }
  return ggufFile(entries, []);
}

/** Token types of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
const type = { normal: 1, unknown: 2, control: 3, plain: 4, byte: 6 };

interface Base {
  tokens: readonly string[];
  token_type: readonly number[];
  scores?: readonly number[];
  [key: string]: GgufValue | undefined;
}

async function bytePairs(): Promise<Base> {
  const embedded = storytellerPath;
  const { metadata } = await readGgufFileInfo(embedded);
  return metadata.tokenizer.ggml as unknown as Base;
}

/** Letters, bytes, and a few words with the space before them. */
function sentencePieces(): Base {
  const words = [
    'the',
    'he',
    'th',
    'in',
    'an',
    'user',
    'tool',
    'name',
    'to',
    'is',
    'er',
    'ss',
    'is',
    'st',
    'ant',
    'as',
  ];
  const characters = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));
  const spaced = ['▁', '▁▁', '▁t', '▁a', '▁th', '▁the', '▁he', '▁us', '▁user', '▁<', '▁|', '<|', '|>'];
  const pieces = [...new Set([...characters, ...words, ...spaced])];
  const bytes = Array.from({ length: 256 }, (_, at) => `<0x${at.toString(16).toUpperCase().padStart(2, '0')}>`);
  return {
    model: 'llama',
    pre: 'default',
    tokens: ['<unk>', '<s>', '</s>', ...bytes, ...pieces],
    token_type: [
      type.unknown,
      type.control,
      type.control,
      ...bytes.map(() => type.byte),
      ...pieces.map(() => type.normal),
    ],
    scores: [0, 0, 0, ...bytes.map(() => 0), ...pieces.map((_, at) => -1.5 - at)],
    bos_token_id: 1,
    eos_token_id: 2,
    unknown_token_id: 0,
    add_bos_token: true,
    add_eos_token: false,
    add_space_prefix: true,
  };
}
