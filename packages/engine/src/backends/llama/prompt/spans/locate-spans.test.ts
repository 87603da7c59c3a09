import { generateRequest, type GenerateInput } from '@headway/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ChatTemplate } from '../template/chat-template.ts';
import { templateAbilities } from '../template/template-abilities.ts';
import { renderWith } from '../open-chat.ts';
import { locateSpans } from './locate-spans.ts';

const turn = (said: string) => `{% for m in messages %}<{{ m.role }}>${said}</{{ m.role }}>{% endfor %}`;
const templates = {
  plain: turn('{{ m.content }}'),
  strips: turn('{{ m.content | trim }}'),
  'strips the end': turn('{{ m.content.rstrip() }}'),
  'writes JSON': turn('{{ m.content | tojson }}'),
  'writes ASCII': turn('{{ m.content | tojson(ensure_ascii=true) }}'),
  shouts: turn('{{ m.content | upper }}'),
  twice: turn('{{ m.content }}|{{ m.content }}'),
  'leaves systems out': turn('{{ m.content }}').replace('messages %', "messages if m.role != 'system' %"),
  'cuts thoughts': turn("{{ m.content.split('</think>')[-1].lstrip() }}"),
  'looks at the beginning': turn("{{ 'BEGINS ' if m.content[:3] == 'One' else '' }}{{ m.content }}"),
};

/** The text that each span has in the rendered prompt; null where it has none. */
function spansIn(name: keyof typeof templates, messages: GenerateInput['messages'], spans: GenerateInput['spans']) {
  const template = new ChatTemplate(templates[name], { bos: '', eos: '' });
  const chat = { template, abilities: templateAbilities(template) };
  const request = generateRequest.parse({ messages, spans });
  const rendered = renderWith(chat, request);
  const asked = { messages: request.messages ?? [], spans: request.spans ?? [] };
  let renders = 0;
  const found = locateSpans(rendered, asked, (marked) => {
    renders++;
    return renderWith(chat, { ...request, messages: marked });
  });
  return { rendered, renders, texts: found.map((range) => range && rendered.slice(range.start, range.end)), found };
}

const user = (content: string) => ({ role: 'user' as const, content });
const span = (start: number, end: number, message?: number) => ({
  name: 'a',
  start,
  end,
  ...(message !== undefined && { message }),
});

test('a span is found where the template puts its message, with one more render', () => {
  const { texts, renders, found } = spansIn('plain', [user('One two'), user('One two')], [span(0, 3, 0), span(4, 7)]);
  expect(texts).toEqual(['One', 'two']);
  expect(found.map((range) => range?.start)).toEqual([6, 30]);
  expect(renders).toBe(1);
});

test('equal texts keep their places', () => {
  const content = 'x x x x';
  const { found } = spansIn('plain', [user(content)], [span(0, 1), span(2, 3), span(4, 5), span(6, 7)]);
  expect(found.map((range) => range?.start)).toEqual([6, 8, 10, 12]);
});

test('where the template strips a message, a span has what is left of it', () => {
  const messages = [user('\n  One  two \n\n')];
  const spans = [span(0, 6), span(6, 12), span(12, 14)];
  expect(spansIn('strips', messages, spans).texts).toEqual(['One', '  two', null]);
  expect(spansIn('strips the end', messages, spans).texts).toEqual(['\n  One', '  two', null]);
  expect(spansIn('plain', messages, spans).texts).toEqual(['\n  One', '  two ', '\n\n']);
});

test('a text that the template writes in another way is found by its place', () => {
  const messages = [user('"Où" ☕\n"là"')];
  const spans = [span(0, 4), span(5, 6), span(7, 11)];
  expect(spansIn('writes JSON', messages, spans).texts).toEqual(['\\"Où\\"', '☕', '\\"là\\"']);
  expect(spansIn('writes ASCII', messages, spans).texts).toEqual(['\\"O\\u00f9\\"', '\\u2615', '\\"l\\u00e0\\"']);
  expect(spansIn('shouts', messages, spans).texts).toEqual(['"OÙ"', '☕', '"LÀ"']);
});

test('a message that is shown twice has its spans at the first place, a text that is left out has none', () => {
  expect(spansIn('twice', [user('One')], [span(0, 3)]).found).toEqual([{ start: 6, end: 9 }]);
  const thought = [user('Hm.</think> Two')];
  expect(spansIn('cuts thoughts', thought, [span(0, 3), span(12, 15)]).texts).toEqual([null, 'Two']);
});

test('a message that Headway moves into another one keeps its spans', () => {
  const messages = [{ role: 'system' as const, content: 'One' }, user('Two')];
  const { rendered, texts } = spansIn('leaves systems out', messages, [span(0, 3, 0), span(0, 3)]);
  expect(rendered).toContain('<user>One\n\nTwo</user>');
  expect(texts).toEqual(['One', 'Two']);
});

test('for a template that looks into the text, spans are searched for by their text', () => {
  const messages = [user('One two three')];
  const spans = [span(0, 3), span(4, 8), span(8, 13)];
  const { texts, found } = spansIn('looks at the beginning', messages, spans);
  expect(texts).toEqual(['One', 'two', 'three']);
  expect(found[0]?.start).toBe('<user>BEGINS '.length);
});

test('the spans of any conversation are found in any template that changes no letters', () => {
  const word = fc.constantFrom('One', ' two', '\n', '  ', 'é', '👩‍👩‍👧', '"x"', '\ue000', '</user>', '<user>');
  const content = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(''));
  const message = fc.record({ content, cuts: fc.array(fc.nat(40), { maxLength: 5 }) });
  const conversation = fc.array(message, { minLength: 1, maxLength: 4 });
  const name = fc.constantFrom('plain' as const, 'strips' as const, 'strips the end' as const, 'twice' as const);
  fc.assert(
    fc.property(conversation, name, (said, template) => {
      const messages = said.map(({ content }) => user(content));
      const spans = said.flatMap(({ content, cuts }, at) => {
        const places = [...new Set([0, ...cuts.filter((cut) => cut < content.length), content.length])].toSorted(
          (a, b) => a - b,
        );
        return places.slice(1).map((end, index) => span(places[index] ?? 0, end, at));
      });
      const { rendered, texts, found } = spansIn(template, messages, spans);
      let last = 0;
      for (const [at, { start, end, message = 0 }] of spans.entries()) {
        const text = said[message]?.content.slice(start, end) ?? '';
        expect((texts[at] ?? '').trim()).toBe(text.trim());
        expect(template === 'plain' ? texts[at] : text).toBe(text);
        const range = found[at];
        if (!range) continue;
        expect(range.start).toBeGreaterThanOrEqual(last);
        last = range.end;
      }
      expect(last).toBeLessThan(rendered.length);
    }),
  );
});
