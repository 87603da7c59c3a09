import { generateRequest } from '@headway/protocol';
import { expect, test } from 'vitest';

import { ChatTemplate } from './chat-template.ts';
import { renderWith } from '../open-chat.ts';
import { templateAbilities } from './template-abilities.ts';

const all = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
/** As gpt-oss and SmolLM3 have it: what is no first message, no user's and no assistant's is passed over. */
const firstOnly =
  "{% for m in messages %}{% if m.role != 'system' or loop.first %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}";
/** As the distilled DeepSeek-R1 have it. */
const lastOnly =
  "{% set ns = namespace(text='') %}{% for m in messages %}{% if m.role == 'system' %}{% set ns.text = m.content %}{% endif %}{% endfor %}" +
  "system: {{ ns.text }}\n{% for m in messages %}{% if m.role != 'system' %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}";
/** As Mistral's have it. */
const alternating =
  "{% set rest = messages[1:] if messages[0].role == 'system' else messages %}" +
  "{% for m in rest %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}" +
  all;
/** As gemma-2 has it. */
const noSystem = `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}${alternating}`;

const render = (source: string, messages: object[]) => {
  const template = new ChatTemplate(source, { bos: '', eos: '' });
  return renderWith({ template, abilities: templateAbilities(template) }, generateRequest.parse({ messages }));
};
const system = (content: string) => ({ role: 'system', content });
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

/** As Codex begins. */
const atTheHead = [system('You are an agent.'), system('Ask for nothing.'), user('The folder is empty.'), user('Hi')];
/** As Claude Code begins, and goes on. */
const behindTheQuestion = [system('You are an agent.'), user('Hi'), system('Today is Sunday.'), assistant('Hello')];

test('a template that shows every message gets them as they came', () => {
  expect(render(all, atTheHead)).toBe(
    'system: You are an agent.\nsystem: Ask for nothing.\nuser: The folder is empty.\nuser: Hi\n',
  );
  expect(render(all, [...behindTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\nsystem: Today is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test.each([
  ['the first', firstOnly],
  ['the last', lastOnly],
])('one that shows %s system message alone is given one', (_, source) => {
  expect(render(source, atTheHead)).toBe(
    'system: You are an agent.\n\nAsk for nothing.\nuser: The folder is empty.\nuser: Hi\n',
  );
});

test.each([
  ['the first', firstOnly],
  ['the last', lastOnly],
])('where it shows %s alone, what comes behind a question is said with it', (_, source) => {
  expect(render(source, [...behindTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test('and what comes behind an answer is said by the user there, so that what was read before stays', () => {
  const before = [...behindTheQuestion, system('It is Monday now.')];
  const read = 'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: It is Monday now.\n';
  expect(render(firstOnly, before)).toBe(read);
  expect(render(firstOnly, [...before, assistant('Yes'), user('Bye')])).toBe(`${read}assistant: Yes\nuser: Bye\n`);
});

test('a template whose roles must alternate has neighbours of the user joined', () => {
  expect(render(alternating, atTheHead)).toBe(
    'system: You are an agent.\n\nAsk for nothing.\nuser: The folder is empty.\n\nHi\n',
  );
  expect(render(alternating, [...behindTheQuestion, user('Bye')])).toBe(
    'system: You are an agent.\nuser: Hi\n\nToday is Sunday.\nassistant: Hello\nuser: Bye\n',
  );
});

test('one that refuses system messages hears all of them from the user', () => {
  expect(render(noSystem, atTheHead)).toBe(
    'user: You are an agent.\n\nAsk for nothing.\n\nThe folder is empty.\n\nHi\n',
  );
  expect(render(noSystem, [system('Be brief.')])).toBe('user: Be brief.\n');
});
