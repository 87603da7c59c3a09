/** Chat templates written for these tests, one for each form in which models write calls. */

const open = (role: string) => `'<|im_start|>' + ${role} + '\\n'`;
const calls = (each: string) => `{%- for c in m.tool_calls or [] %}{%- set c = c.function %}${each}{%- endfor %}`;
const eachArgument = (each: string) => `{%- for k, v in c.arguments | items %}${each}{%- endfor %}`;
const value = 'v if v is string else v | tojson';

/** The tools as JSON, then the messages; `answer` writes one of the model's. */
const template = (answer: string, prompt = open("'assistant'"), declared = '{{ t | tojson }}') =>
  [
    `{%- if tools %}{{ ${open("'system'")} }}{%- for t in tools %}${declared}{{ '\\n' }}{%- endfor %}{{ '<|im_end|>\\n' }}{%- endif %}`,
    `{%- for m in messages %}{%- if m.role == 'assistant' %}{{ ${open('m.role')} }}${answer}{{ '<|im_end|>\\n' }}`,
    `{%- else %}{{ ${open('m.role')} + m.content + '<|im_end|>\\n' }}{%- endif %}{%- endfor %}`,
    `{%- if add_generation_prompt %}{{ ${prompt} }}{%- endif %}`,
  ].join('');

const said = `{{ m.content or '' }}`;
const hermes = calls(
  `{{ '\\n<tool_call>\\n{"name": "' + c.name + '", "arguments": ' }}{{ c.arguments | tojson }}{{ '}\\n</tool_call>' }}`,
);
const thought = `{%- if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}`;
const plain = (first: string) =>
  `{%- for m in messages %}${first}{{ m.role + ': ' + m.content + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ 'assistant: ' }}{%- endif %}`;

/** Harmony's messages, by which Headway recognizes the form. */
const harmony = [
  `{%- if tools %}{{ '<|start|>developer<|message|># Tools\\nnamespace functions {\\n' }}{%- for t in tools %}{{ 'type ' + t.function.name + ' = (_: any) => any;\\n' }}{%- endfor %}{{ '}<|end|>' }}{%- endif %}`,
  `{%- for m in messages %}{%- if m.tool_calls %}{%- for c in m.tool_calls %}{%- set c = c.function %}{{ '<|start|>assistant<|channel|>commentary to=functions.' + c.name + ' <|constrain|>json<|message|>' }}{{ c.arguments if c.arguments is string else c.arguments | tojson }}{{ '<|call|>' }}{%- endfor %}`,
  `{%- elif m.role == 'tool' %}{{ '<|start|>functions.' + m.name + ' to=assistant<|channel|>commentary<|message|>' + m.content + '<|end|>' }}`,
  `{%- elif m.role == 'assistant' %}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|end|>' }}`,
  `{%- else %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{%- endif %}{%- endfor %}`,
  `{%- if add_generation_prompt %}{{ '<|start|>assistant' }}{%- endif %}`,
].join('');

/** Hermes' form, which many models have. */
export const toolTemplate = template(said + hermes);

export const toolTemplates: readonly [name: string, template: string][] = [
  ['Hermes calls', toolTemplate],
  ['no place for tools', plain('')],
  ['no place for tools or systems', plain(`{%- if m.role == 'system' %}{{ raise_exception('no') }}{%- endif %}`)],
  [
    'a bare object',
    template(
      `${said}{%- if (m.tool_calls or []) | length > 1 %}{{ raise_exception('one at a time') }}{%- endif %}` +
        calls(`{{ '{"name": "' + c.name + '", "parameters": ' }}{{ c.arguments | tojson }}{{ '}' }}`),
    ),
  ],
  [
    'a list after a mark',
    template(
      `${said}{%- if m.tool_calls %}{{ '[TOOL_CALLS] [' }}{%- for c in m.tool_calls %}{{ '{"name": "' + c.function.name + '", "arguments": ' }}{{ c.function.arguments | tojson }}{{ ', "id": "' + c.id + '"}' }}{%- if not loop.last %}{{ ', ' }}{%- endif %}{%- endfor %}{{ ']' }}{%- endif %}`,
    ),
  ],
  [
    'a function mark',
    template(said + calls(`{{ '<function=' + c.name + '>' }}{{ c.arguments | tojson }}{{ '</function>' }}`)),
  ],
  [
    'a section with numbered calls',
    template(
      `${said}{%- if m.tool_calls %}{{ '<|calls|>' }}{%- for c in m.tool_calls %}{{ '<|call|>functions.' + c.function.name + ':' + loop.index0 | string + '<|args|>' }}{{ c.function.arguments | tojson }}{{ '<|done|>' }}{%- endfor %}{{ '<|all|>' }}{%- endif %}`,
    ),
  ],
  [
    'arguments between marks',
    template(
      said +
        calls(
          `{{ '<tool_call>\\n<function=' + c.name + '>\\n' }}${eachArgument(`{{ '<parameter=' + k + '>\\n' }}{{ ${value} }}{{ '\\n</parameter>\\n' }}`)}{{ '</function>\\n</tool_call>' }}`,
        ),
    ),
  ],
  [
    'arguments between marks with their types',
    template(
      said +
        calls(
          `{{ '<invoke name="' + c.name + '">' }}${eachArgument(`{{ '<parameter name="' + k + '" string="' + ('true' if v is string else 'false') + '">' }}{{ ${value} }}{{ '</parameter>' }}`)}{{ '</invoke>' }}`,
        ),
    ),
  ],
  ['Hermes calls of a model that thinks', template(thought + said + hermes)],
  [
    'Hermes calls after a thought that it opens',
    template(thought + said + hermes, `${open("'assistant'")} + '<think>\\n'`),
  ],
  [
    'bare keys, recognized by its marks',
    template(said, undefined, `{{ '<|tool_call>call:' + t.function.name + '<|"|>' }}`),
  ],
  ['Harmony, which thinks', harmony],
];
