import { messageText, type GenerateRequest, type Message } from '@headway/protocol';

/** The conversation, its tools and its JSON format in OpenAI's form. */
export function chatFields(request: GenerateRequest) {
  const { messages = [], tools, toolChoice, parallelToolCalls, responseFormat } = request;
  return {
    messages: messages.map(chatMessage),
    ...(tools && {
      tools: tools.map(({ name, description, parameters, strict }) => ({
        type: 'function',
        function: {
          name,
          ...(description !== undefined && { description }),
          parameters: parameters ?? { type: 'object', properties: {} },
          ...(strict && { strict }),
        },
      })),
      tool_choice:
        typeof toolChoice === 'object'
          ? { type: 'function', function: { name: toolChoice.name } }
          : (toolChoice ?? 'auto'),
      ...(!parallelToolCalls && { parallel_tool_calls: false }),
    }),
    ...(responseFormat?.type === 'json' && {
      response_format: responseFormat.schema
        ? {
            type: 'json_schema',
            json_schema: { name: 'answer', schema: responseFormat.schema, strict: responseFormat.strict },
          }
        : { type: 'json_object' },
    }),
  };
}

function chatMessage(message: Message): object {
  const content = messageText(message.content);
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content };
    case 'assistant': {
      const { reasoning, toolCalls = [] } = message;
      return {
        role: 'assistant',
        content: content === '' && toolCalls.length > 0 ? null : content,
        ...(reasoning !== undefined && { reasoning_content: reasoning }),
        ...(toolCalls.length > 0 && {
          tool_calls: toolCalls.map(({ id, name, arguments: args }) => ({
            id,
            type: 'function',
            function: { name, arguments: args },
          })),
        }),
      };
    }
    default:
      return message satisfies never;
  }
}
