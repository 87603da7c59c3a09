/** A Jinja template with tools, as many models bring one. */
export const toolTemplate = [
  '{%- if tools %}<|im_start|>system\n# Tools\n{%- for tool in tools %}\n{{ tool | tojson }}{%- endfor %}\n',
  'Call as <tool_call>\n{"name": <name>, "arguments": <arguments>}\n</tool_call><|im_end|>\n{%- endif %}',
  '{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content or "" }}',
  '{%- if message.tool_calls %}{%- for call in message.tool_calls %}\n<tool_call>\n',
  '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>',
  '{%- endfor %}{%- endif %}<|im_end|>\n{%- endfor %}',
  '{%- if add_generation_prompt %}<|im_start|>assistant\n{%- endif %}',
].join('');
