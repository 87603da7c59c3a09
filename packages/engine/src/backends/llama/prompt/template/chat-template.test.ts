import { existsSync, readFileSync } from 'node:fs';

import { generateRequest, type Message } from '@headway/protocol';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';

import { ChatTemplate } from './chat-template.ts';
import { fallbackTemplate } from './fallback-template.ts';
import { renderWith } from '../open-chat.ts';
import { templateDates } from './template-dates.ts';
import { templateAbilities } from './template-abilities.ts';

const marks = { bos: '<s>', eos: '</s>' };
const chatMl =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

const render = (source: string, input: object) => {
  const template = new ChatTemplate(source, marks);
  return renderWith({ template, abilities: templateAbilities(template) }, generateRequest.parse(input));
};

test('a conversation renders as the template writes it', () => {
  expect(render(chatMl, { messages: [{ role: 'user', content: '  Hi \n' }] })).toBe(
    '<|im_start|>user\n  Hi \n<|im_end|>\n<|im_start|>assistant\n',
  );
});

test.each(['Yes, ', '  indented', 'ends in a line\n', '<think>'])(
  'continues the text that the last message begins: %j',
  (begun) => {
    const trimming = chatMl.replace('m.content', 'm.content | trim');
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: begun },
    ];
    expect(render(chatMl, { messages }).endsWith(`<|im_start|>assistant\n${begun}`)).toBe(true);
    expect(render(trimming, { messages }).endsWith(`<|im_start|>assistant\n${begun}`)).toBe(true);
  },
);

test('generationPrompt false leaves out the generation prompt', () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  expect(render(chatMl, { messages, generationPrompt: false })).toBe('<|im_start|>user\nHi<|im_end|>\n');
  const begun = [...messages, { role: 'assistant', content: 'Yes, ' }];
  expect(render(chatMl, { messages: begun, generationPrompt: false })).toBe(render(chatMl, { messages: begun }));
});

test("a request's chatTemplateKwargs reach the template", () => {
  const thinking = `${chatMl}{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}`;
  const messages = [{ role: 'user', content: 'Hi' }];
  expect(render(thinking, { messages })).not.toContain('<think>');
  expect(render(thinking, { messages, chatTemplateKwargs: { enable_thinking: false } })).toContain('<think></think>');
});

test("a template gets the current date, or the request's own", () => {
  const dated = `{{ date_string if date_string is defined else '26 Jul 2024' }} {{ datetime }}|${chatMl}`;
  const messages = [{ role: 'user', content: 'Hi' }];
  const { date_string, datetime } = templateDates(new Date());
  expect(render(dated, { messages })).toContain(`${date_string} ${datetime}|`);
  const asked = { date_string: '01 Apr 1999' };
  expect(render(dated, { messages, chatTemplateKwargs: asked })).toContain(`01 Apr 1999 ${datetime}|`);
});

test.each([
  [new Date(2026, 10, 29), '29 Nov 2026', 'Nov 29 2026'],
  [new Date(2027, 0, 2), '02 Jan 2027', 'Jan 02 2027'],
])('the date of %s is %s, and %s', (day, date_string, datetime) => {
  expect(templateDates(day)).toEqual({ date_string, datetime });
});

test('a template that shows thoughts gets earlier ones', () => {
  const thinking = chatMl.replace('{{ m.content }}', '{{ m.reasoning_content }}|{{ m.content }}');
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello', reasoning: 'a greeting' },
    { role: 'user', content: 'Bye' },
  ];
  expect(render(thinking, { messages })).toContain('assistant\na greeting|Hello<|im_end|>');
});

test('a system message joins the question where the template has no system message', () => {
  const refusing = `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}${chatMl}`;
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ];
  expect(render(refusing, { messages })).toContain('<|im_start|>user\nBe brief.\n\nHi<|im_end|>');
});

test('texts come as parts where the template needs parts', () => {
  const parts = chatMl.replace('{{ m.content }}', '{% for p in m.content %}{{ p.text }}{% endfor %}');
  expect(render(parts, { messages: [{ role: 'user', content: 'Hi' }] })).toContain('user\nHi<|im_end|>');
});

test('a template that needs a list of tools gets an empty one', () => {
  const counting = `{% set n = tools | selectattr('type', 'equalto', 'x') | list | length %}${chatMl}`;
  expect(render(counting, { messages: [{ role: 'user', content: 'Hi' }] })).toContain('user\nHi<|im_end|>');
});

test("a template's refusal reaches the client in its own words", () => {
  const refusing = `{% if messages | length > 2 %}{{ raise_exception('one at a time') }}{% endif %}${chatMl}`;
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Hi' },
  ];
  expect(() => render(refusing, { messages })).toThrow(
    "messages: the model's chat template refuses them: one at a time",
  );
});

test("a template that does not parse fails to load with the parser's words", () => {
  expect(() => new ChatTemplate('{% for m in messages %}{{ m.content }', marks)).toThrow(
    /the chat template does not parse/,
  );
});

describe('calls and results', () => {
  const withCalls =
    '{% for m in messages %}{{ m.role }}:{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}' +
    "{{ m.content }}{{ m.name or '' }}\n{% endfor %}";
  const asText = withCalls.replace(' | tojson', '');
  const called = (args: string, content = 'found') => ({
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'find', arguments: args }] },
      { role: 'tool', toolCallId: 'a', content },
    ],
  });

  it.each([
    '{"id": 9007199254740993, "t": 10.00, "big": 1e999, "small": -0.0}',
    '{"b": 1, "a": 2, "10": 3, "2": 4}',
    '{"a": 1, "a": 2, "__proto__": {"x": [1.10, 2e5]}}',
  ])('keep numbers, keys and their order as the model wrote them: %s', (args) => {
    expect(render(withCalls, called(args))).toContain(`find${args}\n`);
    expect(render(asText, called(args))).toContain(`find${args}\n`);
  });

  it('can have arguments of megabytes', { timeout: 60_000 }, () => {
    const args = `{"text": "${'a\\"'.repeat(400_000)}", "n": [${'1.0, '.repeat(200_000)}2.50]}`;
    expect(render(withCalls, called(args)).includes(`find${args}\n`)).toBe(true);
  });

  it('keep arguments that were cut off as they are', () => {
    expect(render(asText, called('{"city": "Ro'))).toContain('find{"city": "Ro\n');
  });

  it.each(['9007199254740993', '10.00', '{"b": 1, "a": 21.50}', 'plain'])(
    'keep a result as the tool returned it: %s',
    (text) => {
      expect(render(withCalls, called('{}', text))).toContain(`tool:${text}find\n`);
    },
  );

  it.each([fallbackTemplate([]), fallbackTemplate(['<|im_start|>'])])(
    'are rendered where a file has no template: %#',
    (source) => {
      const text = render(source, called('{"a": 1.50}'));
      expect(text).toContain('<tool_call>\n{"name": "find", "arguments": {"a": 1.50}}\n</tool_call>');
      expect(text).toContain('found');
    },
  );
});

const folder = new URL('../../../../../../../../shared/templates/', import.meta.url);

interface Sent {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  reasoning_content?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Templates of published models, where the files are there. */
describe.runIf(existsSync(folder))('published templates', () => {
  // Vitest reads a suite's tests also where it skips them.
  const { conversations, renders } = (
    existsSync(folder)
      ? JSON.parse(readFileSync(new URL('renders.json', folder), 'utf8'))
      : { conversations: {}, renders: [] }
  ) as {
    conversations: Record<string, { messages: Sent[]; tools?: { function: object }[]; chat_template_kwargs?: object }>;
    renders: { template: string; conversation: string; prompt: string }[];
  };
  const messageOf = (sent: Sent) => ({
    role: sent.role,
    content: sent.content,
    ...(sent.reasoning_content !== undefined && { reasoning: sent.reasoning_content }),
    ...(sent.tool_calls && { toolCalls: sent.tool_calls.map((call) => ({ id: call.id, ...call.function })) }),
    ...(sent.tool_call_id !== undefined && { toolCallId: sent.tool_call_id }),
  });
  const templates = [...new Set(renders.map(({ template }) => template))];
  /** The day on which the prompts were rendered: some templates name it. */
  const day = renders.map(({ prompt }) => /Today Date: (\d+ \w+ \d+)/.exec(prompt)?.[1]).find(Boolean);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${day ?? ''} 12:00`) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(templates)('shows a question to the model: %s', (name) => {
    const template = new ChatTemplate(readFileSync(new URL(name, folder), 'utf8'), { bos: '', eos: '</s>' });
    const chat = { template, abilities: templateAbilities(template) };
    const request = generateRequest.parse({ messages: [{ role: 'user', content: 'Name a river.' }] });
    expect(renderWith(chat, request)).toContain('Name a river.');
  });

  it.each(templates)('renders the same as two other programs: %s', (name) => {
    const template = new ChatTemplate(readFileSync(new URL(name, folder), 'utf8'), { bos: '', eos: '</s>' });
    const chat = { template, abilities: templateAbilities(template) };
    for (const { conversation, prompt } of renders.filter((one) => one.template === name)) {
      const sent = conversations[conversation];
      const request = generateRequest.parse({
        messages: sent?.messages.map(messageOf) as Message[],
        ...(sent?.tools && { tools: sent.tools.map((tool) => tool.function) }),
        ...(sent?.chat_template_kwargs && { chatTemplateKwargs: sent.chat_template_kwargs }),
      });
      expect.soft(renderWith(chat, request), conversation).toBe(prompt);
    }
  });
});

test('documents are passed as chatTemplateKwargs', () => {
  const source = '{% for d in documents %}[{{ d.title }}: {{ d.text }}]{% endfor %}{{ messages[0].content }}';
  const documents = [{ title: 'Fox', text: 'It runs.' }];
  expect(render(source, { messages: [{ role: 'user', content: 'Hi' }], chatTemplateKwargs: { documents } })).toBe(
    '[Fox: It runs.]Hi',
  );
});

test.each(['reasoning_content', 'thinking', 'reasoning'])(
  'a thought is in the field %s if the template reads that one',
  (field) => {
    const source = `{% for m in messages %}{{ m.${field} }}|{{ m.content }};{% endfor %}`;
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello', reasoning: 'a greeting' },
      { role: 'user', content: 'Bye' },
    ];
    expect(render(source, { messages })).toContain('a greeting|Hello;');
  },
);

it('call ids are shortened for templates that refuse long ones', () => {
  const asked = "{%- if id|length != 9 -%}{{ raise_exception('IDs have length 9!') }}{%- endif -%}";
  const source = `{%- for m in messages -%}{{ m.content }}{%- for c in m.tool_calls or [] -%}{%- set id = c.id -%}${asked}[{{ c.id }} {{ c.function.arguments | tojson }}]{%- endfor -%}{%- if m.role == 'tool' -%}{%- set id = m.tool_call_id -%}${asked}[{{ m.tool_call_id }}]{%- endif -%}{%- endfor -%}`;
  const rendered = (id: string) =>
    render(source, {
      messages: [
        { role: 'user', content: 'Find it' },
        { role: 'assistant', content: '', toolCalls: [{ id, name: 'find', arguments: '{}' }] },
        { role: 'tool', toolCallId: id, content: 'found' },
      ],
    });
  expect(rendered('call_x7pXE37i8yTUYjSxCiRYn4rg')).toMatch(/\[(\w{9}) \{\}\]found\[\1\]/);
  expect(rendered('abcdef123')).toContain('[abcdef123]');
});
