import { generateRequest } from '@headway/protocol';
import { expect, test } from 'vitest';

import { ChatTemplate } from './chat-template.ts';
import { renderWith } from '../open-chat.ts';
import { templateAbilities } from './template-abilities.ts';

const all = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
/** Like gpt-oss and SmolLM3: skips a system message that is not the first message. */
const firstOnly =
  "{% for m in messages %}{% if m.role != 'system' or loop.first %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}";
/** Like the distilled DeepSeek-R1 models. */
const lastOnly =
  "{% set ns = namespace(text='') %}{% for m in messages %}{% if m.role == 'system' %}{% set ns.text = m.content %}{% endif %}{% endfor %}" +
  "system: {{ ns.text }}\n{% for m in messages %}{% if m.role != 'system' %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}";
/** Like Mistral's. */
const alternating =
  "{% set rest = messages[1:] if messages[0].role == 'system' else messages %}" +
  "{% for m in rest %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}" +
  all;
/** Like gemma-2. */
const noSystem = `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}${alternating}`;

const render = (source: string, messages: object[]) => {
  const template = new ChatTemplate(source, { bos: '', eos: '' });
  return renderWith({ template, abilities: templateAbilities(template) }, generateRequest.parse({ messages }));
};
const system = (content: string) => ({ role: 'system', content });
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

/** The beginning of Codex's conversations. */
const atTheHead = [system('You are an agent.'), system('Ask for nothing.'), user('The folder is empty.'), user('Hi')];
/** The beginning of Claude Code's conversations, with a later system message. */
const afterTheQuestion = [system('You are an agent.'), user('Hi'), system('Today is Sunday.'), assistant('Hello')];

test('a template that shows every message gets the messages unchanged', () => {
  expect(render(all, atTheHead)).toBe(
    'system: You are an agent.\nsystem: Ask for nothing.\nuser: The folder is empty.\nuser: Hi\n',
  );
  expect(render(all, [...afterTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\nsystem: Today is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test.each([
  ['the first', firstOnly],
  ['the last', lastOnly],
])('a template that shows only %s system message gets one joined message', (_, source) => {
  expect(render(source, atTheHead)).toBe(
    'system: You are an agent.\n\nAsk for nothing.\nuser: The folder is empty.\nuser: Hi\n',
  );
});

test.each([
  ['the first', firstOnly],
  ['the last', lastOnly],
])('a template that shows only %s system message gets a later one within the question', (_, source) => {
  expect(render(source, [...afterTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test("a system message after an answer becomes a user message in its place, so that the prompt's beginning stays", () => {
  const before = [...afterTheQuestion, system('It is Monday now.')];
  const read = 'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: It is Monday now.\n';
  expect(render(firstOnly, before)).toBe(read);
  expect(render(firstOnly, [...before, assistant('Yes'), user('Bye')])).toBe(`${read}assistant: Yes\nuser: Bye\n`);
});

test('a template with alternating roles gets adjacent user messages joined', () => {
  expect(render(alternating, atTheHead)).toBe(
    'system: You are an agent.\n\nAsk for nothing.\nuser: The folder is empty.\n\nHi\n',
  );
  expect(render(alternating, [...afterTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test("a template without system messages gets them within the user's message", () => {
  expect(render(noSystem, atTheHead)).toBe(
    'user: You are an agent.\n\nAsk for nothing.\n\nThe folder is empty.\n\nHi\n',
  );
  expect(render(noSystem, [system('Be brief.')])).toBe('user: Be brief.\n');
});
