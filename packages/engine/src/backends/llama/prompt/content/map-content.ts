import type { TemplateInput, TemplateMessage } from '../template/chat-template.ts';

/** A string from a request. */
export interface Content {
  text: string;
  /** Whether it is the model's own answer, in which tags that llama.cpp always parses as tokens are genuine. */
  isAnswer: boolean;
}

/** Changes every string from the request, but no word of the message format. */
export function mapContent(input: TemplateInput, change: (content: Content) => string): TemplateInput {
  const walk = (value: unknown, isAnswer: boolean, levels: number): unknown => {
    if (typeof value === 'string') return change({ text: value, isAnswer });
    if (Array.isArray(value)) return value.map((item) => walk(item, isAnswer, levels));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (levels > 0 && kinds.has(key)) return [key, inner];
        const name = names.has(key) ? key : change({ text: key, isAnswer: false });
        return [name, walk(inner, isAnswer && key !== 'tool_calls', levels - 1)];
      }),
    );
  };
  return {
    ...input,
    messages: input.messages.map((message) => walk(message, message.role === 'assistant', 2) as TemplateMessage),
    tools: walk(input.tools, false, 1) as object[] | null,
    kwargs: walk(input.kwargs, false, 0) as TemplateInput['kwargs'],
  };
}

/** Fixed by the format in messages, their parts and calls, and tools. Deeper down, a request may use these keys. */
const kinds = new Set(['role', 'type']);

/** Keys that templates look up by name. */
const names = new Set([
  'role',
  'type',
  'content',
  'reasoning_content',
  'tool_calls',
  'tool_call_id',
  'function',
  'name',
  'arguments',
  'description',
  'parameters',
  'properties',
  'required',
]);
