/**
 * A template for a file without one. A vocabulary with `<|im_start|>` means ChatML; other models get plain messages in
 * a layout that they know from text.
 */
export function fallbackTemplate(marks: Iterable<string>): string {
  return new Set(marks).has('<|im_start|>') ? chatMl : plainMessages;
}

/** Calls in the form of Hermes models, from which most later models learned. */
const calls =
  '{% for call in message.tool_calls or [] %}{{ \'\\n<tool_call>\\n{"name": "\' + call.function.name + \'", "arguments": \' + ' +
  "(call.function.arguments if call.function.arguments is string else call.function.arguments | tojson) + '}\\n</tool_call>' }}{% endfor %}";

/** The tools as JSON, and how to call them. */
const tools =
  "{{ 'You may call these functions, whose arguments their JSON schemas describe:\\n<tools>\\n' }}" +
  "{% for tool in tools %}{{ tool | tojson + '\\n' }}{% endfor %}" +
  "{{ '</tools>\\nTo call one, write its name and its arguments as JSON, and nothing behind it:\\n" +
  '<tool_call>\\n{"name": "<name>", "arguments": {"<argument>": <value>}}\\n</tool_call>\' }}';

/** ChatML as OpenAI described it: https://github.com/openai/openai-python/blob/release-v0.28.0/chatml.md */
const chatMl =
  `{% if tools %}{{ '<|im_start|>system\\n' }}${tools}{{ '<|im_end|>\\n' }}{% endif %}` +
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content }}" +
  `${calls}{{ '<|im_end|>\\n' }}{% endfor %}` +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const plainMessages =
  `{% if tools %}${tools}{{ '\\n\\n' }}{% endif %}` +
  '{% for message in messages %}' +
  "{{ {'system': '', 'user': 'User: ', 'assistant': 'Assistant: ', 'tool': 'Tool: '}[message.role] + message.content }}" +
  `${calls}{{ '\\n\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}`;
