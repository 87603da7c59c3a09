import { generateRequest, type GenerateInput } from '@headway/protocol';
import fc from 'fast-check';
import { getLlama, LlamaLogLevel, LlamaVocabularyType, type Llama, type LlamaModel, type Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EventLoopQueue } from '../../tokenizer/event-loop-queue.ts';
import { tokenBytes } from '../../tokenizer/token-text.ts';
import type { VocabularyFileOptions } from '../../tokenizer/vocabulary-file.fixture.ts';
import { renderPrompt } from '../../render-prompt.ts';
import { openChat, renderWith, type Chat } from '../open-chat.ts';
import { openTokenizerModels } from '../tokenizer-models.fixture.ts';

const control = ['<|user|>', '<|end|>', '[INST]', '[/INST]'];
const made: Record<string, VocabularyFileOptions> = {
  'byte pairs': { control, plain: ['<think>'] },
  SentencePiece: { kind: 'spm', control, plain: ['<think>'] },
  'Phi-3, whose special tokens swallow spaces': {
    kind: 'spm',
    name: 'phi-3',
    control: [...control, '<|endoftext|>'],
    plain: ['<think>'],
  },
};
const { models, remove } = await openTokenizerModels(made);
afterAll(remove);

const turn = (said: string) =>
  `{% for m in messages %}<|im_start|>{{ m.role }}\n${said}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}`;
const templates = [
  turn('{{ m.content }}'),
  turn('{{ m.content | trim }}'),
  `{{ bos_token }}${turn('[INST] {{ m.content }} [/INST]')}`,
  '{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}<|assistant|>\n',
];

const words = [
  'the',
  ' fox',
  '  ',
  '\n',
  '\n\n',
  'naïve',
  ' 漢字',
  '👩‍👩‍👧',
  '3.14',
  '\t',
  '. ',
  "don't",
  '<|im_end|>',
  '[INST]',
];
const said = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 200 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 6 });

describe.each(models)('$name', ({ modelPath }) => {
  let instance: Llama;
  let model: LlamaModel;
  beforeAll(async () => {
    instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.disabled, maxThreads: 1 });
    model = await instance.loadModel({ modelPath: await modelPath(), vocabOnly: true });
  });
  afterAll(async () => {
    await instance.dispose();
  });
  const { signal } = new AbortController();

  const chats = new Map<string | undefined, Chat>();
  const chatOf = (template?: string) => {
    const chat = chats.get(template) ?? openChat(model, template);
    chats.set(template, chat);
    return chat;
  };
  const readPrompt = (input: GenerateInput, template?: string) =>
    renderPrompt(generateRequest.parse(input), {
      model,
      chat: chatOf(template),
      eventLoop: new EventLoopQueue(),
      signal,
    });
  const rendered = (messages: GenerateInput['messages'], template: string) =>
    renderWith(chatOf(template), generateRequest.parse({ messages }));
  const textOf = (tokens: readonly Token[]) =>
    Buffer.concat(tokens.map((token) => tokenBytes(model, token))).toString();
  /** Without white space, which tokenizers put before words and after marks, and swallow there. */
  const letters = (text: string) => text.replaceAll(/\s/g, '');

  /** The tokens with any of the text's bytes from `start` to `end`, one by one; null if they are not the text's bytes. */
  const overlapping = (text: string, tokens: readonly Token[], start: number, end: number): number[] | null => {
    if (textOf(tokens) !== text) return null;
    const [first, last] = [start, end].map((offset) => Buffer.byteLength(text.slice(0, offset)));
    let at = 0;
    return tokens.flatMap((token, index) => {
      const begin = at;
      at += tokenBytes(model, token).length;
      return at > (first ?? 0) && begin < (last ?? 0) ? [index] : [];
    });
  };
  /** Of other vocabularies the text is compared instead: SentencePiece puts spaces before words. */
  const isBpe = () => model.vocabularyType === LlamaVocabularyType.bpe;

  it('a span of a chat has the tokens with any of its text', async () => {
    let exact = 0;
    const conversation = fc.record({ content: said, before: said, cuts, template: fc.constantFrom(...templates) });
    await fc.assert(
      fc.asyncProperty(conversation, async ({ content, before, cuts: places, template }) => {
        const borders = [...new Set([0, ...places.filter((at) => at < content.length), content.length])]
          .filter((at) => (content.codePointAt(at - 1) ?? 0) <= 0xff_ff)
          .toSorted((a, b) => a - b);
        const spans = borders.slice(1).map((end, at) => ({ name: `${at}`, start: borders[at] ?? 0, end }));
        const messages = (last: string) =>
          [before, 'Yes?', last].map((text, at) => ({
            role: at === 1 ? ('assistant' as const) : ('user' as const),
            content: text,
          }));
        const text = rendered(messages(content), template);
        const { tokens, spans: found = [] } = await readPrompt({ messages: messages(content), spans }, template);
        expect(found.map(({ name, estimated = false }) => [name, estimated])).toEqual(
          spans.map(({ name }) => [name, false]),
        );
        // Where the template puts a text of letters, it puts this one.
        const place = rendered(messages('QQQ'), template).indexOf('QQQ');
        const strips = template.includes('trim');
        const lead = strips ? content.length - content.trimStart().length : 0;
        const end = strips ? content.trimEnd().length : content.length;
        for (const [at, { from, to }] of found.entries()) {
          const span = { start: Math.max(lead, spans[at]?.start ?? 0), end: Math.min(end, spans[at]?.end ?? 0) };
          const own = overlapping(text, tokens, place + span.start - lead, place + span.end - lead);
          if (own && span.start < span.end) exact++;
          const expected = own && (span.start < span.end ? [own[0], (own.at(-1) ?? 0) + 1] : [from, from]);
          expect([from, to]).toEqual(expected ?? [from, to]);
          expect(letters(textOf(tokens.slice(from, to)))).toContain(letters(content.slice(span.start, span.end)));
        }
      }),
      { numRuns: 50 },
    );
    expect(exact).toBeGreaterThan(isBpe() ? 50 : -1);
  });

  it('a span of a raw prompt has the tokens with any of its text', async () => {
    let exact = 0;
    await fc.assert(
      fc.asyncProperty(said, fc.nat(900), fc.nat(900), async (prompt, one, other) => {
        const start = Math.min(one, other) % prompt.length;
        const end = start + 1 + (Math.max(one, other) % (prompt.length - start));
        const { tokens, spans: [span] = [] } = await readPrompt({ prompt, spans: [{ name: 'a', start, end }] });
        const own = overlapping(prompt, tokens, start, end);
        if (!own) return;
        exact++;
        expect(span).toEqual({ name: 'a', from: own[0], to: (own.at(-1) ?? 0) + 1 });
      }),
      { numRuns: 50 },
    );
    expect(exact).toBeGreaterThan(isBpe() ? 45 : -1);
  });

  it('a request without spans has none', async () => {
    expect((await readPrompt({ prompt: 'Once' })).spans).toBeUndefined();
    expect((await readPrompt({ prompt: 'Once', spans: [] })).spans).toBeUndefined();
  });
});
