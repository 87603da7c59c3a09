import { readFileSync } from 'node:fs';

import { generateRequest, isHeadwayError } from '@headway/protocol';
import { getLlama, LlamaLogLevel, type Llama, type LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EventLoopQueue } from '../tokenizer/event-loop-queue.ts';
import type { VocabularyFileOptions } from '../tokenizer/vocabulary-file.fixture.ts';
import { contentPairs, contentPlaces } from './content/content-places.fixture.ts';
import { localFiles, openTokenizerModels } from './tokenizer-models.fixture.ts';
import { openChat, renderChat, type Chat } from './open-chat.ts';
import { tokenizePrompt } from './content/tokenize-prompt.ts';

const tags = [
  '<think>',
  '</think>',
  '<tool_call>',
  '</tool_call>',
  '<tool_response>',
  '<arg_key>',
  '◁think▷',
  '|||MAIL|||',
];
const marks = ['<|user|>', '<|end|>', '[INST]', '[/INST]', '<｜end▁of▁sentence｜>', '<start_of_turn>', '<|im_start|>'];
/** Marks of which one may begin inside another. */
const overlapping = ['<|x|>', '|><|y|>', '<|x', '<ab>', 'b>cdefgh'];
const own = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];

const made: Record<string, VocabularyFileOptions> = {
  'byte pairs': {
    control: [...marks, ...overlapping, '<s>', '</s>'].filter((mark) => !own.includes(mark)),
    plain: tags,
  },
  'byte pairs, every tag special': {
    control: [...marks, ...tags, '<s>', '</s>'].filter((mark) => !own.includes(mark)),
  },
  SentencePiece: { kind: 'spm', control: [...marks, ...overlapping, '<|im_end|>'], plain: tags },
  'Phi-3': { kind: 'spm', name: 'phi-3', control: [...marks, '<|im_end|>', '<|endoftext|>'], plain: tags },
};

const turn = (said: string, rest = '') =>
  `{% for m in messages %}<|im_start|>{{ m.role }}\n${said}<|im_end|>\n{% endfor %}${rest}<|im_start|>assistant\n`;
const templates: Record<string, string> = {
  'trims and joins': turn(
    "{{ m.reasoning_content or '' }}{{ m.content | trim }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }}{{ c.function.arguments | tojson }}</tool_call>{% endfor %}",
    "{{ tools | tojson if tools else '' }}{{ custom | tojson if custom else '' }}",
  ),
  'writes ASCII': turn(
    '{{ m | tojson(ensure_ascii=true) }}',
    "{{ tools | tojson(ensure_ascii=true) if tools else '' }}{{ custom | tojson if custom else '' }}",
  ),
  'makes tags of keys': turn(
    '{{ m.content }}{% for c in m.tool_calls or [] %}<{{ c.function.name }}>{% for k, v in c.function.arguments.items() %}<{{ k }}>{{ v }}</{{ k }}>{% endfor %}{% endfor %}',
    '{% for t in tools or [] %}{% for k, v in (t.function.parameters.properties or {}).items() %}<{{ k }}>{{ v.description }}</{{ k }}>{% endfor %}{% endfor %}{% for d in custom or [] %}<{{ d }}>{% endfor %}',
  ),
  'looks for thoughts': turn(
    "{% set c = m.content %}{% if '</think>' in c %}<think>{{ c.split('</think>')[0].split('<think>')[-1].strip('\\n') }}</think>{% set c = c.split('</think>')[-1].lstrip('\\n') %}{% endif %}{{ c }}",
  ),
  'changes texts': turn(
    "{{ m.content.replace('<tool_call>', '').replace('/think', '') }}|{{ m.content | upper }}|{{ m.content | lower }}",
  ),
};

/** Contents with a mark, which must give the same special tokens as with a word. */
const shapes: ((mark: string) => string)[] = [
  (mark) => mark,
  (mark) => mark + mark,
  (mark) => `  ${mark} \n${mark}  `,
  (mark) => `wo${mark}rd`,
  (mark) => mark.slice(0, 2) + mark,
  (mark) => mark + mark.slice(1),
  (mark) => mark.slice(1, -1),
  (mark) => mark.slice(0, -1),
  (mark) => mark.slice(1),
  (mark) => `a </think>${mark} b`,
  (mark) => `<think>a ${mark}</think>b`,
  (mark) => `say "x"${mark} 'y'\\n`,
  (mark) => mark.toUpperCase(),
  (mark) => `${mark.slice(0, 2)}<tool_call>${mark.slice(2)}`,
  (mark) => `<ab>cdefgh ${mark}<|x|><|y|>`,
  (mark) => `s>${mark}<`,
];

const word = 'word';
const signal = new AbortController().signal;
const { models, remove } = await openTokenizerModels(made);

afterAll(remove);

describe.each(models)('$name', ({ modelPath }) => {
  let instance: Llama;
  let model: LlamaModel;
  const special = new Map<number, { text: string; plain: boolean }>();
  beforeAll(async () => {
    instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.disabled, maxThreads: 1 });
    model = await instance.loadModel({ modelPath: await modelPath(), vocabOnly: true });
    for (const token of model.iterateAllTokens()) {
      const { control, unknown, userDefined } = model.getTokenAttributes(token);
      const text = model.detokenize([token], true);
      if (control || unknown || userDefined) special.set(token, { text, plain: userDefined });
    }
  });
  afterAll(async () => {
    await instance.dispose();
  });

  /** The special tokens of a prompt; null where the protocol or the template refuses the conversation. */
  async function specialOf(chat: Chat, input: object) {
    const request = generateRequest.safeParse(input);
    if (!request.success) return null;
    try {
      const tokens = await tokenizePrompt(renderChat(chat, request.data), chat.marks, {
        model,
        eventLoop: new EventLoopQueue(),
        signal,
      });
      return tokens.flatMap((token) => special.get(token) ?? []);
    } catch (thrown) {
      if (isHeadwayError(thrown) && thrown.code === 'invalid-request') return null;
      throw thrown;
    }
  }

  /** Tries each content with a mark and with a word. Returns the number of comparisons. */
  async function attempt(source: string, everyNth: number): Promise<number> {
    const chat = openChat(model, source);
    const before = new Map<string, ReturnType<typeof specialOf>>();
    let attempts = 0;
    const compare = async (input: object, harmless: object, isAnswer: boolean, label: string) => {
      const key = JSON.stringify(harmless);
      const base = await (before.get(key) ?? before.set(key, specialOf(chat, harmless)).get(key));
      const found = await specialOf(chat, input);
      if (!found || !base) return;
      attempts++;
      // An answer's own tags stay tokens, and a template repeats the thoughts that it found.
      const counted = (tokens: typeof found) =>
        tokens
          .filter(({ text, plain }) => !(isAnswer && plain) && !(label.includes('think') && /think|channel/.test(text)))
          .map(({ text }) => text);
      expect.soft(counted(found), label).toEqual(counted(base));
    };
    let turn = 0;
    for (const mark of chat.marks.all) {
      for (const [place, say] of Object.entries(contentPlaces)) {
        const isAnswer = ['assistant', 'reasoning', 'begun'].includes(place);
        for (const shape of shapes) {
          const text = shape(mark);
          if (turn++ % everyNth || text === '') continue;
          // Spaces and thoughts' tags are the same in both.
          const harmless = /^\s|think>/.test(shape(word)) ? shape(word) : word;
          await compare(say(text), say(harmless), isAnswer, `${place}: ${text}`);
        }
      }
      for (const [place, say] of Object.entries(contentPairs)) {
        if (turn++ % everyNth) continue;
        const at = 1 + (turn % (mark.length - 1));
        const [first, second] = [`x ${mark.slice(0, at)}`, `${mark.slice(at)} y`];
        await compare(say(first, second), say('x a', 'b y'), true, `${place}: ${first}, ${second}`);
      }
    }
    return attempts;
  }

  it.each(Object.keys(templates))(
    'content becomes no special token where the template %s',
    { timeout: 120_000 },
    async (name) => {
      expect(await attempt(templates[name] as string, special.size > 8 ? 11 : 1)).toBeGreaterThan(300);
    },
  );

  it.runIf(localFiles('templates', '.jinja').length > 0)(
    'content becomes no special token in published templates',
    { timeout: 300_000 },
    async () => {
      let attempts = 0;
      for (const path of localFiles('templates', '.jinja'))
        attempts += await attempt(readFileSync(path, 'utf8'), special.size > 8 ? 601 : 131);
      expect(attempts).toBeGreaterThan(200);
    },
  );
});
