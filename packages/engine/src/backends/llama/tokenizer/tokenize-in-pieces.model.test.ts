import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { storytellerPath } from '@headway/storyteller';
import { isHeadwayError } from '@headway/protocol';
import fc from 'fast-check';
import { getLlama, LlamaLogLevel, type Llama, type LlamaModel, type Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EventLoopQueue } from './event-loop-queue.ts';
import { vocabularyFile } from './vocabulary-file.fixture.ts';
import { pieceBytes, tokenizeInPieces, type TokenizerCall } from './tokenize-in-pieces.ts';

/** Pre-tokenizers, by llama.cpp's names; the first is the embedded model's. */
const wordCutters = ['gpt-2', 'llama-bpe', 'qwen2', 'gpt-4o', 'deepseek-v3', 'superbpe', 'gemma4'];
if (process.env['HEADWAY_SOAK'] === '1') {
  wordCutters.push('default', 'deepseek-llm', 'deepseek-coder', 'falcon', 'starcoder', 'qwen35', 'tekken', 'chameleon');
  wordCutters.push('kimi-k2', 'bloom', 'viking', 'minerva-7b', 'seed-coder', 'llama4', 'dbrx', 'bailingmoe', 'afmoe');
  wordCutters.push('minimax-m2', 'youtu', 'joyai-llm', 'exaone-moe', 'tiny_aya');
}

const folder = await mkdtemp(join(tmpdir(), 'headway-tokenizers-'));
const sentencePiece = join(folder, 'spm.gguf');
await writeFile(sentencePiece, await vocabularyFile({ kind: 'spm', control: ['<|im_start|>'], plain: ['<think>'] }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const subjects = [
  { name: 'of SentencePiece', modelPath: sentencePiece },
  ...wordCutters.map((wordCutter) => ({ name: `that cuts as ${wordCutter}`, modelPath: storytellerPath, wordCutter })),
  // More GGUF files, separated by commas: `HEADWAY_TOKENIZERS=a.gguf,b.gguf`.
  ...(process.env['HEADWAY_TOKENIZERS']?.split(',') ?? []).map((modelPath) => ({ name: modelPath, modelPath })),
];

/** The parts of random texts, by kind. */
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
  length: fc.integer({ min: 0, max: 5 * pieceBytes }),
});

type Shape = typeof shape extends fc.Arbitrary<infer Shape> ? Shape : never;

function write({ kinds, gaps, seed, length, words: own = [] }: Shape & { words?: readonly string[] }): string {
  const words = [...own, ...kinds.flatMap((kind) => fragments[kind])];
  let state = seed;
  const pick = <T>(from: readonly T[]) => from[(state = (state * 48_271) % (2 ** 31 - 1)) % from.length] as T;
  let text = '';
  while (text.length < length) text += pick(words) + pick(gaps);
  return text;
}

/** The most expensive texts for a tokenizer, by the unit that they repeat. */
const worst = {
  'what is not in the vocabulary': '\ue123',
  'one word': 'a',
  spaces: ' ',
  'line breaks': '\n',
  'combining marks': '\u0301',
  digits: '7',
  'special tokens': '<|im_start|></s>',
};

const otherUnits = [
  'the',
  'ab',
  'A',
  '=',
  '\t',
  'e\u0301',
  '你好',
  '👍🏽',
  '-',
  '\u2581',
  'ACGT',
  'x1',
  'Aa',
  '!?',
  'мир',
];

const runs = fc.array(
  fc.record({
    unit: fc.constantFrom(...Object.values(worst), ...otherUnits),
    /** Shuffles the run's characters. */
    mixed: fc.boolean(),
    length: fc.integer({ min: 1, max: 6000 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  }),
  { minLength: 1, maxLength: 3 },
);

function writeRun({
  unit,
  mixed,
  length,
  seed,
}: {
  unit: string;
  mixed: boolean;
  length: number;
  seed: number;
}): string {
  if (!mixed) return unit.repeat(Math.ceil(length / unit.length));
  return write({ kinds: [], words: Array.from(unit), gaps: [''], seed, length });
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

  const inPieces = async (call: TokenizerCall, contextSize?: number) => {
    const signal = new AbortController().signal;
    const tokens: Token[] = [];
    const lengths: number[] = [];
    for await (const piece of tokenizeInPieces([call], {
      model,
      eventLoop: new EventLoopQueue(),
      signal,
      contextSize,
    })) {
      for (const token of piece.tokens) tokens.push(token);
      lengths.push(piece.characters);
    }
    return { tokens, lengths };
  };

  it('the tokens of the pieces are those of the whole text, for random texts', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.boolean(), fc.boolean(), async (shape, special, trim) => {
        const text = write(shape);
        const options = trim ? 'trimLeadingSpace' : undefined;
        expect((await inPieces({ text, special, options })).tokens).toEqual(model.tokenizer(text, special, options));
      }),
    );
  });

  it(
    'the tokens of the pieces are those of the whole text, for words of thousands of characters',
    { timeout: 600_000 },
    async () => {
      let cut = 0;
      await fc.assert(
        fc.asyncProperty(runs, fc.boolean(), async (runs, special) => {
          const text = runs.map(writeRun).join('');
          const call = { text, special, options: undefined };
          try {
            const { tokens, lengths } = await inPieces(call);
            expect(tokens).toEqual(model.tokenizer(text, special));
            cut += lengths.length;
          } catch (thrown) {
            // Some pre-tokenizers group digits from a number's end.
            const groups = runs.some(({ unit }) => /\d/.test(unit));
            if (!groups || !isHeadwayError(thrown) || !thrown.message.includes('as a whole')) throw thrown;
          }
        }),
      );
      expect(cut).toBeGreaterThan(300);
    },
  );

  it.each(['words', 'scripts', 'numbers', 'code'] as const)(
    'cuts %s into pieces of nearly the maximal size',
    async (kind) => {
      const text = write({ kinds: [kind, 'punctuation'], gaps, seed: 7, length: 150_000 });
      const { lengths } = await inPieces({ text, special: false, options: undefined });
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(text.length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(pieceBytes);
      expect(lengths.length).toBeLessThan((1.5 * Buffer.byteLength(text)) / pieceBytes);
    },
  );

  it.each(Object.entries(worst))('refuses 4 MiB of %s after little of it, in small calls', async (_, unit) => {
    const text = unit.repeat(Math.ceil((4 * 2 ** 20) / Buffer.byteLength(unit)));
    const calls: number[] = [];
    const tokenizer = (...call: Parameters<LlamaModel['tokenize']>) => {
      calls.push(Buffer.byteLength(call[0]));
      // The vocabulary may drop a character that it lacks; counting another text instead makes this case cost
      // something.
      const tokens = model.tokenizer(...call);
      return tokens.length === 0 && call[0].length > 100 ? model.tokenizer('a '.repeat(call[0].length)) : tokens;
    };
    const counting = Object.create(model, { tokenizer: { value: tokenizer } }) as LlamaModel;
    let now = 0;
    const eventLoop = new EventLoopQueue(() => now++);
    const { signal } = new AbortController();
    const options = { model: counting, eventLoop, signal, contextSize: 2048 };
    const readAll = async () => {
      for await (const piece of tokenizeInPieces([{ text, special: true, options: undefined }], options))
        expect(piece.characters).toBeGreaterThan(0);
    };
    await expect(readAll()).rejects.toMatchObject({
      code: expect.stringMatching(unit === '7' ? /^(?:context-overflow|invalid-request)$/ : /^context-overflow$/),
    });
    expect(Math.max(...calls)).toBeLessThan(2 * pieceBytes);
    expect(calls.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(text.length / 8);
  });
});
