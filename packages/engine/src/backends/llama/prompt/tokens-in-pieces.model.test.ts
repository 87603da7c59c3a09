import { existsSync, readFileSync } from 'node:fs';

import { generateRequest } from '@headway/protocol';
import fc from 'fast-check';
import { getLlama, LlamaLogLevel, type Llama, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EventLoopQueue } from '../tokenizer/event-loop-queue.ts';
import type { VocabularyFileOptions } from '../tokenizer/vocabulary-file.fixture.ts';
import type { SeparatedText } from './content/separate-marks.ts';
import { localFiles, openTokenizerModels, localFolder } from './tokenizer-models.fixture.ts';
import { openChat, renderChat, renderWith } from './open-chat.ts';
import { specialMarks } from './content/special-marks.ts';
import { tokenizePrompt } from './content/tokenize-prompt.ts';

const renders = existsSync(`${localFolder}templates/renders.json`)
  ? (JSON.parse(readFileSync(`${localFolder}templates/renders.json`, 'utf8')) as { renders: { prompt: string }[] })
      .renders
  : [];

const tags = ['<think>', '</think>', '<tool_call>'];
const control = ['<|user|>', '<|end|>', '[INST]', '[/INST]'];
const made: Record<string, VocabularyFileOptions> = {
  'byte pairs': { control, plain: tags },
  SentencePiece: { kind: 'spm', control, plain: tags },
  'Phi-3, whose special tokens swallow spaces': {
    kind: 'spm',
    name: 'phi-3',
    control: [...control, '<|endoftext|>'],
    plain: tags,
  },
};
const { models, remove } = await openTokenizerModels(made);

const templates = [
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}',
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content | trim }} [/INST]{% else %} {{ m.content }}</s>{% endif %}{% endfor %}",
  '{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}<|assistant|>\n',
  ...localFiles('templates', '.jinja').map((path) => readFileSync(path, 'utf8')),
];

const words = fc.constantFrom(
  'the',
  ' fox',
  '  ',
  '\n',
  '\n\n',
  '{"a": [1, 2]}',
  'naïve',
  '漢字',
  '👩‍👩‍👧',
  '3.14',
  '\t',
  '.',
  'Hi! ',
  "don't",
);
const said = fc.array(words, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
const messageLists = fc.array(said, { minLength: 1, maxLength: 5 }).map((texts) =>
  texts.map((content, at) => ({
    role: at % 2 === texts.length % 2 ? ('assistant' as const) : ('user' as const),
    content,
  })),
);

afterAll(remove);

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
  const tokensOf = (prompt: SeparatedText) =>
    tokenizePrompt(prompt, specialMarks(model), { model, eventLoop: new EventLoopQueue(), signal });

  it('a chat without special tokens in its content has the tokens of one call on its text', async () => {
    const conversation = fc.record({ source: fc.constantFrom(...templates), messages: messageLists });
    let rendered = 0;
    await fc.assert(
      fc.asyncProperty(conversation, async ({ source, messages }) => {
        const chat = openChat(model, source);
        const request = generateRequest.parse({
          messages: messages.slice(messages.length > 1 ? 1 - (messages.length % 2) : 0),
        });
        let text: string;
        try {
          text = renderWith(chat, request);
        } catch {
          return;
        }
        rendered++;
        const whole = text.startsWith(chat.beginning) ? text.slice(chat.beginning.length) : text;
        expect(await tokensOf(renderChat(chat, request))).toEqual(model.tokenize(whole, true));
      }),
    );
    expect(rendered).toBeGreaterThan(20);
  });

  it('a text with separators has the tokens of one call around them', async () => {
    const separator = '\ue000';
    const { all } = specialMarks(model);
    const marks = fc.constantFrom(...all);
    const text = fc.array(fc.oneof(words, marks), { maxLength: 12 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, marks, said, async (before, mark, between) => {
        // This separator splits no mark; it makes the stretch between two marks text, with the same tokens.
        const separated = `${before}${mark}${between}${separator}`;
        expect(await tokensOf({ text: separated, separator })).toEqual(
          model.tokenize(`${before}${mark}${between}`, true),
        );
      }),
    );
  });

  it.runIf(renders.length > 0)('published prompts have the tokens of one call', async () => {
    for (const { prompt } of renders)
      expect(await tokensOf({ text: prompt, separator: null })).toEqual(model.tokenize(prompt, true));
  });
});
