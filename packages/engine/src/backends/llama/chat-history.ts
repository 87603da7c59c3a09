import { messageText, type Message } from '@headway/protocol';
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp';

/**
 * A conversation as node-llama-cpp has it: a call and its result are one part of the model's response, and the response
 * goes on behind them. LlamaChat goes on with the last item if it is the model's, so there is one.
 */
export function chatHistory(messages: readonly Message[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [];
  let calls = new Map<string, ChatModelFunctionCall>();
  /** Whether the model's last response is continued behind results. */
  let answered = false;
  for (const message of messages) {
    const text = messageText(message.content);
    switch (message.role) {
      case 'system':
        history.push({ type: 'system', text });
        break;
      case 'user':
        history.push({ type: 'user', text });
        break;
      case 'assistant': {
        const parts = (message.toolCalls ?? []).map(({ id, name, arguments: args }, at) => {
          const call: ChatModelFunctionCall = {
            type: 'functionCall',
            name,
            params: readJson(args, {}),
            result: undefined,
            startsNewChunk: at === 0,
          };
          return [id, call] as const;
        });
        const response = [...(text === '' && parts.length > 0 ? [] : [text]), ...parts.map(([, call]) => call)];
        const last = history.at(-1);
        if (answered && last?.type === 'model') (last as ChatModelResponse).response.push(...response);
        else history.push({ type: 'model', response });
        calls = new Map(parts);
        break;
      }
      case 'tool': {
        const call = calls.get(message.toolCallId);
        if (call) call.result = readJson(text, text);
        break;
      }
      default:
        message satisfies never;
    }
    answered = message.role === 'tool';
  }
  if (history.at(-1)?.type !== 'model') history.push({ type: 'model', response: [] });
  return history;
}

/** What a text says as JSON; `otherwise` where it is none, or a bare word or number, which is as well a text. */
function readJson(text: string, otherwise: unknown): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : otherwise;
  } catch {
    return otherwise;
  }
}
