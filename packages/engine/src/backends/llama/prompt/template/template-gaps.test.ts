import { expect, it } from 'vitest';

import { ChatTemplate } from './chat-template.ts';

function render(source: string, kwargs: Record<string, unknown> = {}) {
  const template = new ChatTemplate(source, { bos: '', eos: '' });
  return template.render({ messages: [], tools: null, kwargs, addGenerationPrompt: false });
}

it('append adds to a list, and pop removes from either end', () => {
  const fill =
    "{%- set ns = namespace(ids=[]) -%}{%- for i in ['a', 'b', 'c'] -%}{%- set _ = ns.ids.append(i) -%}{%- endfor -%}";
  expect(render(`${fill}{{ ns.ids.pop(0) }}{{ ns.ids.pop() }}{{ ns.ids | length }}{{ ns.ids[0] }}`)).toBe('ac1b');
  expect(render(`${fill}{%- set _ = ns.ids.append({'a': [1]}) -%}{{ ns.ids.pop() | tojson }}`)).toBe('{"a": [1]}');
});

it("append keeps a value's type", () => {
  expect(render("{%- set l = [] -%}{%- set _ = l.append(1.0) -%}{%- set _ = l.append('x') -%}{{ l | tojson }}")).toBe(
    '[1, "x"]',
  );
  expect(render('{%- set l = [] -%}{%- set _ = l.append(1.0) -%}{{ l[0] }}')).toBe('1.0');
});

it('text filters turn an undefined value into an empty text', () => {
  expect(
    render('[{{ value.type | upper }}{{ nothing | trim }}]{{ value.name | upper }}', { value: { name: 'a' } }),
  ).toBe('[]A');
});

it('min and max find the least and the greatest value', () => {
  expect(render('{{ [3, 2, 7] | min }}{{ [3, 2, 7] | max }}')).toBe('27');
});

it('string writes objects like Python, and other values unchanged', () => {
  const value = { a: "it's", b: [true, null, 1.5], c: 'x"\n' };
  expect(render('{{ value | string }}', { value })).toBe(`{'a': "it's", 'b': [True, None, 1.5], 'c': 'x"\\n'}`);
  expect(render("{{ value.b[2] | string + (7 | string) + ('x' | string) }}", { value })).toBe('1.57x');
});

it('a loop destructures tuples', () => {
  expect(render('{%- for key, name in [("a", 1), ("b", 2)] -%}{{ key }}={{ name }};{%- endfor -%}')).toBe('a=1;b=2;');
});

it('items works on objects with a field called items', () => {
  const value = { items: [1], a: 2 };
  expect(render('{%- for k, v in value.items() -%}{{ k }}={{ v | tojson }};{%- endfor -%}', { value })).toBe(
    'items=[1];a=2;',
  );
  expect(render('{{ value.items | tojson }}', { value })).toBe('[1]');
});

it('an undefined value is in no list', () => {
  const value = { a: null };
  expect(render("{{ value.a in ['x'] }} {{ value.a not in ['x'] }}", { value })).toBe('false true');
  expect(render("{%- set a = 'x' -%}{{ a in ['x'] }} {{ a not in ['x'] }}")).toBe('true false');
});

it('a template may use the names of these functions', () => {
  expect(render("{%- macro append(x) -%}{{ x }}{%- endmacro -%}{{ append('a') }}{{ min is defined }}")).toBe('afalse');
});
