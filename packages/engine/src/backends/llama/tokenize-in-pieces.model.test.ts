import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { getLlama, LlamaLogLevel, type Llama, type LlamaModel, type Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LoopTurns } from './loop-turns.ts';
import { cutIntoPieces, pieceLength, tokenizeInPieces, type TokenizerCall } from './tokenize-in-pieces.ts';

const embedded = fileURLToPath(import.meta.resolve('@headway/storyteller/storyteller.gguf'));

/** Ways of cutting texts into words before anything else, by llama.cpp's names; the first is the embedded model's. */
const wordCutters = ['gpt-2', 'llama-bpe', 'qwen2', 'gpt-4o', 'deepseek-v3', 'superbpe', 'gemma4'];
if (process.env['HEADWAY_SOAK'] === '1') {
  wordCutters.push('default', 'deepseek-llm', 'deepseek-coder', 'falcon', 'starcoder', 'qwen35', 'tekken', 'chameleon');
  wordCutters.push('kimi-k2', 'bloom', 'viking', 'minerva-7b', 'seed-coder', 'llama4', 'dbrx', 'bailingmoe', 'afmoe');
  wordCutters.push('minimax-m2', 'youtu', 'joyai-llm', 'exaone-moe', 'tiny_aya');
}

const subjects = [
  ...wordCutters.map((wordCutter) => ({ name: `that cuts as ${wordCutter}`, modelPath: embedded, wordCutter })),
  // More GGUF files, with commas between: `HEADWAY_TOKENIZERS=a.gguf,b.gguf`.
  ...(process.env['HEADWAY_TOKENIZERS']?.split(',') ?? []).map((modelPath) => ({ name: modelPath, modelPath })),
];

/** What texts are put together from, by kind. */
const fragments = {
  words: [
    'the',
    'fox',
    'Headway',
    'reading',
    'É',
    'naïve',
    'Straße',
    "don't",
    'we’ll',
    'a',
    'I',
    'supercalifragilistic',
  ],
  scripts: [
    'Привет',
    'мир',
    'नमस्ते',
    'שלום',
    'مرحبا',
    '你好世界',
    '今日は良い天気です',
    '안녕하세요',
    'สวัสดีครับ',
    'e\u0301',
  ],
  pictures: ['👋', '👋🏽', '👨‍👩‍👧', '🇫🇷', '→', '½', '²', '\u200b', '\u00a0', '\ufeff'],
  numbers: ['1', '42', '1999', '3.14', '1,000,000', '0xFF', '12:30', '٣٤'],
  punctuation: [
    '.',
    ',',
    '!',
    '?!',
    '...',
    ';',
    ':',
    '"',
    "'",
    '’',
    '(',
    ')',
    '—',
    '。',
    '，',
    '_',
    '-',
    '/',
    '`',
    '|',
  ],
  code: ['{', '}', '();', '=>', 'x_y', 'fooBar', '</div>', '#', '*/', '\\n', '\t\t', '== null', '[0]'],
  special: ['<|im_start|>', '<|im_end|>', '<|endoftext|>', '<s>', '</s>', '[INST]', '<unk>', '<0x0A>', '<|'],
  odd: ['\ud83d', '\udc4b', '\0', '\x7f', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'zzzz', '========'],
};
const gaps = [' ', ' ', ' ', ' ', '', '\n', '\n\n', '  ', '    ', '\t', '\r\n', ' \n ', '\n   '];

const shape = fc.record({
  kinds: fc.uniqueArray(fc.constantFrom(...(Object.keys(fragments) as (keyof typeof fragments)[])), { minLength: 1 }),
  gaps: fc.uniqueArray(fc.constantFrom(...gaps), { minLength: 1 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  length: fc.integer({ min: 0, max: 5 * pieceLength }),
});

function write({ kinds, gaps, seed, length }: typeof shape extends fc.Arbitrary<infer Shape> ? Shape : never): string {
  const words = kinds.flatMap((kind) => fragments[kind]);
  let state = seed;
  const pick = <T>(from: readonly T[]) => from[(state = (state * 48_271) % (2 ** 31 - 1)) % from.length] as T;
  let text = '';
  while (text.length < length) text += pick(words) + pick(gaps);
  return text;
}

describe.each<{ name: string; modelPath: string; wordCutter?: string }>(subjects)('the tokenizer $name', (subject) => {
  let instance: Llama;
  let model: LlamaModel;
  beforeAll(async () => {
    instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
    const { modelPath, wordCutter } = subject;
    model = await instance.loadModel({
      modelPath,
      vocabOnly: true,
      ...(wordCutter && { metadataOverrides: { tokenizer: { ggml: { pre: wordCutter } } } }),
    });
  });
  afterAll(async () => {
    await instance.dispose();
  });

  const inPieces = async (call: TokenizerCall): Promise<Token[]> => {
    const signal = new AbortController().signal;
    const all: Token[] = [];
    for await (const { tokens } of tokenizeInPieces([call], { model, turns: new LoopTurns(), signal }))
      all.push(...tokens);
    return all;
  };

  it('the tokens of the pieces are those of the whole, whatever is written', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.boolean(), fc.boolean(), async (shape, special, trim) => {
        const text = write(shape);
        const options = trim ? 'trimLeadingSpace' : undefined;
        expect(await inPieces({ text, special, options })).toEqual(model.tokenizer(text, special, options));
      }),
    );
  });

  it.each(['words', 'scripts', 'numbers', 'code'] as const)('cuts %s into pieces of the length it should', (kind) => {
    const text = write({ kinds: [kind, 'punctuation'], gaps, seed: 7, length: 150_000 });
    const pieces = [...cutIntoPieces({ text, special: false }, model)];
    expect(pieces.join('')).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(pieceLength);
    expect(pieces.length).toBeLessThan((1.2 * text.length) / pieceLength);
  });

  it('does not cut a word', () => {
    const text = 'a'.repeat(3 * pieceLength);
    expect([...cutIntoPieces({ text, special: false }, model)]).toEqual([text]);
  });
});
