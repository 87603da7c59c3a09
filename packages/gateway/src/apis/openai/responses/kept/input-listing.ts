import type { InputItem } from '../input/input-item.ts';
import { textOf } from '../input/input-content.ts';
import type { KeptItem } from './item-pool.ts';

/** An item of a kept conversation in the format of OpenAI's list, with its id and with texts as parts. */
export function listedItem({ id, item }: KeptItem): object {
  return { id, ...fieldsOf(item) };
}

function fieldsOf(item: InputItem): object {
  switch (item.type) {
    case 'function_call':
      return { status: 'completed', ...item };
    case 'function_call_output':
      return { status: 'completed', ...item, output: textOf(item.output ?? '') };
    case 'reasoning':
      return { ...item, summary: item.summary ?? [] };
    case 'hosted-tool':
      return messageOf('assistant', item.text);
    default:
      return messageOf(item.role, textOf(item.content));
  }
}

function messageOf(role: string, text: string): object {
  const part = role === 'assistant' ? { type: 'output_text', text, annotations: [] } : { type: 'input_text', text };
  return { type: 'message', role, status: 'completed', content: [part] };
}
