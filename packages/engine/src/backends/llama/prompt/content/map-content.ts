import type { TemplateInput, TemplateMessage } from '../template/chat-template.ts';

/** A string that a request says. */
export interface Content {
  text: string;
  /** Whether the model said it: the tags that llama.cpp reads as tokens anywhere are its own there. */
  isAnswer: boolean;
}

/** Changes every string that a request says, and no word of the format's. */
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

/** Of messages, their parts and calls, and of tools: no request writes these. Further in, anything may be called so. */
const kinds = new Set(['role', 'type']);

/** What templates ask for by name. */
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
