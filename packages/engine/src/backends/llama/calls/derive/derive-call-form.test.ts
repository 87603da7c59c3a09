import { Template } from '@huggingface/jinja';
import { expect, it } from 'vitest';

import { fallbackCallForm } from '../form/call-form.ts';
import { deriveCallForm } from './derive-call-form.ts';

/** A template that writes an answer's calls by `calls`, in which `c` is a call's function. */
function formOf(calls: string, thought = '') {
  const template = new Template(
    `{%- for m in messages -%}{{ '<|' + m.role + '|>' }}${thought}{{ m.content }}{%- if m.tool_calls -%}${calls}{%- endif -%}{{ '<|end|>' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}`,
  );
  return deriveCallForm(({ messages, tools, addGenerationPrompt }) =>
    template.render({ messages, tools: tools ?? null, add_generation_prompt: addGenerationPrompt }),
  );
}

const each = (body: string) => `{%- for t in m.tool_calls -%}{%- set c = t.function -%}${body}{%- endfor -%}`;
const eachArgument = (body: string) => `{%- for k, v in c.arguments.items() -%}${body}{%- endfor -%}`;

it('learns an object between marks, and the marks of thoughts', () => {
  const form = formOf(
    each(
      `{{ '\\n<tool_call>\\n{"name": "' + c.name + '", "arguments": ' }}{{ c.arguments | tojson }}{{ '}\\n</tool_call>' }}`,
    ),
    `{%- if m.reasoning_content -%}{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n' }}{%- endif -%}`,
  );
  expect(form).toEqual({ ...fallbackCallForm, callOpen: ['\n<tool_call>\n'], separator: '' });
});

it('learns a list in a section', () => {
  const form = formOf(
    `{{ '<calls>[' }}${each(
      `{{ '{"id": "' + t.id + '", "tool": "' + c.name + '", "parameters": ' }}{{ c.arguments | tojson }}{{ '}' }}{%- if not loop.last -%}{{ ', ' }}{%- endif -%}`,
    )}{{ ']</calls>' }}`,
  );
  expect(form).toMatchObject({
    sectionOpen: '<calls>[',
    sectionClose: ']</calls>',
    separator: ', ',
    parallel: true,
    name: { field: 'tool', argumentsField: 'parameters', before: ['{"id": "', { fill: 'id' }, '", "tool": "'] },
  });
});

it('learns a plain name with the number of the call', () => {
  const form = formOf(
    each(
      `{{ '<|call|>functions.' + c.name }}:{{ loop.index0 }}{{ '<|args|>' }}{{ c.arguments | tojson }}{{ '<|done|>' }}`,
    ),
  );
  expect(form).toMatchObject({
    callOpen: ['<|call|>functions.'],
    name: { kind: 'plain', after: [':', { fill: 'index' }, '<|args|>'] },
    callClose: '<|done|>',
  });
});

it('learns arguments between marks', () => {
  const form = formOf(
    each(
      `{{ '<call>\\n<function=' + c.name + '>\\n' }}${eachArgument(
        `{{ '<parameter=' + k + '>\\n' }}{{ v if v is string else v | tojson }}{{ '\\n</parameter>\\n' }}`,
      )}{{ '</function>\\n</call>' }}`,
    ),
  );
  expect(form).toMatchObject({
    name: { kind: 'plain', after: ['>\n'] },
    arguments: { kind: 'tagged', keyOpen: '<parameter=', valueOpen: '>\n', valueClose: '\n</parameter>\n' },
    callClose: '</function>\n</call>',
  });
});

it('learns marks that distinguish texts from other values', () => {
  const form = formOf(
    each(
      `{{ '<invoke name="' + c.name + '">' }}${eachArgument(
        `{{ '<parameter name="' + k + '" string="' + ('true' if v is string else 'false') + '">' }}{{ v if v is string else v | tojson }}{{ '</parameter>' }}`,
      )}{{ '</invoke>' }}`,
    ),
  );
  expect(form?.arguments).toMatchObject({ valueOpen: '" string="true">', jsonValueOpen: '" string="false">' });
});

it('learns from a template that takes arguments only as text', () => {
  const form = formOf(
    each(
      `{%- if c.arguments is not string -%}{{ raise_exception('text') }}{%- endif -%}{{ '<f=' + c.name + '>' + c.arguments + '</f>' }}`,
    ),
  );
  expect(form).toMatchObject({ callOpen: ['<f='], arguments: { kind: 'json' }, callClose: '</f>' });
});

it('learns from a template that allows one call only', () => {
  const form = formOf(
    `{%- if m.tool_calls | length > 1 -%}{{ raise_exception('one') }}{%- endif -%}${each(
      `{{ '{"name": "' + c.name + '", "parameters": ' }}{{ c.arguments | tojson }}{{ '}' }}`,
    )}`,
  );
  expect(form).toMatchObject({ parallel: false, callOpen: [], name: { argumentsField: 'parameters' } });
});

it.each(['', each(`{{ c.name }}`), each(`{{ '<x>' + c.name + '|' + c.name }}{{ c.arguments | tojson }}`)])(
  'learns nothing from calls that do not read back: %s',
  (calls) => {
    expect(formOf(calls)).toBeNull();
  },
);

it('learns from a template that opens a new message after a thought', () => {
  const turn = (kind: string) => `{{ '<|begin|>assistant<|${kind}|>' }}`;
  const template = new Template(
    `{%- for m in messages -%}{%- if m.role == 'user' -%}{{ m.content }}{%- else -%}{%- if m.reasoning -%}${turn('think')}{{ m.reasoning + '<|end|>' }}{%- endif -%}{%- if m.tool_calls -%}${turn('calls')}${each(
      `{{ '<|call|>' + c.name + '<|args|>' }}{{ c.arguments | tojson }}{{ '<|done|>' }}`,
    )}{{ '<|called|>' }}{%- else -%}${turn('content')}{{ m.content + '<|end|>' }}{%- endif -%}{%- endif -%}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|begin|>assistant' }}{%- endif -%}`,
  );
  const form = deriveCallForm(({ messages, addGenerationPrompt }) =>
    template.render({ messages, add_generation_prompt: addGenerationPrompt }),
  );
  expect(form).toMatchObject({
    begun: '<|begin|>assistant',
    sectionOpen: '<|begin|>assistant<|calls|>',
    callOpen: ['<|call|>'],
    thought: { open: '<|begin|>assistant<|think|>', close: '<|end|>' },
    content: { open: '<|begin|>assistant<|content|>', close: '<|end|>' },
  });
});

it('learns a thought between headings', () => {
  const form = formOf(
    each(`{{ '<f=' + c.name + '>' }}{{ c.arguments | tojson }}{{ '</f>' }}`),
    '[BEGIN FINAL RESPONSE]',
  );
  expect(form?.thought).toEqual({ open: 'Here are my reasoning steps:', close: '[BEGIN FINAL RESPONSE]' });
});
