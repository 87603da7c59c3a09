import { HeadwayError, type Message } from '@headway/protocol';

import { textOf } from './input-content.ts';
import type { FunctionCall, FunctionCallOutput, InputItem } from './input-item.ts';

/** Where a message came from. */
export interface MessageSource {
  /** Path in the request: `input[3].content`, `instructions`, … */
  content: string;
  /** Index in `input` of each of its calls, in order. */
  calls: number[];
}

export interface Conversation {
  messages: Message[];
  /** One for each message. */
  sources: MessageSource[];
}

interface Placed<Item> {
  at: number;
  item: Item;
}

/**
 * The items of a conversation as messages. Calls in a row are one turn, together with the answer's text before them, and
 * each call is followed by its output, wherever that came: that is how the model wrote and read them.
 *
 * @throws HeadwayError `invalid-request` for a call without an output, and for an output without a call
 */
export function toConversation(instructions: string | null, input: string | readonly InputItem[]): Conversation {
  const conversation: Conversation = { messages: [], sources: [] };
  if (instructions !== null) push(conversation, { role: 'system', content: instructions }, 'instructions');
  if (typeof input === 'string') {
    push(conversation, { role: 'user', content: input }, 'input');
    return conversation;
  }
  const outputs = outputsByCall(input);
  let calls: Placed<FunctionCall>[] = [];
  const endTurn = () => {
    if (calls.length > 0) pushCalls(conversation, calls, outputs);
    calls = [];
  };
  for (const [at, item] of input.entries()) {
    switch (item.type) {
      case 'reasoning':
        break;
      case 'function_call':
        calls.push({ at, item });
        break;
      case 'function_call_output':
        endTurn();
        break;
      default:
        endTurn();
        push(conversation, messageOf(item), `input[${at}].content`);
    }
  }
  endTurn();
  const [left] = [...outputs.values()].flat();
  if (left) {
    throw new HeadwayError(
      'invalid-request',
      `input[${left.at}].call_id: there is no function_call ${left.item.call_id} without an output; send it before its output`,
    );
  }
  return conversation;
}

function push({ messages, sources }: Conversation, message: Message, content: string, calls: number[] = []): void {
  messages.push(message);
  sources.push({ content, calls });
}

function messageOf({ role, content }: Extract<InputItem, { role: string }>): Message {
  return { role: role === 'developer' ? 'system' : role, content: textOf(content) };
}

/** Ids may come again in a later turn: outputs go to the calls of their id in order. */
function outputsByCall(input: readonly InputItem[]): Map<string, Placed<FunctionCallOutput>[]> {
  const outputs = new Map<string, Placed<FunctionCallOutput>[]>();
  for (const [at, item] of input.entries()) {
    if (item.type !== 'function_call_output') continue;
    const same = outputs.get(item.call_id);
    if (same) same.push({ at, item });
    else outputs.set(item.call_id, [{ at, item }]);
  }
  return outputs;
}

function pushCalls(
  conversation: Conversation,
  calls: readonly Placed<FunctionCall>[],
  outputs: ReadonlyMap<string, Placed<FunctionCallOutput>[]>,
): void {
  const toolCalls = calls.map(({ item: { call_id: id, name, arguments: args } }) => ({ id, name, arguments: args }));
  const places = calls.map(({ at }) => at);
  const last = conversation.messages.at(-1);
  if (last?.role === 'assistant' && !last.toolCalls) {
    last.toolCalls = toolCalls;
    conversation.sources.at(-1)?.calls.push(...places);
  } else {
    push(conversation, { role: 'assistant', content: '', toolCalls }, `input[${places[0]}]`, places);
  }
  for (const { at, item } of calls) {
    const output = outputs.get(item.call_id)?.shift();
    if (!output) {
      throw new HeadwayError(
        'invalid-request',
        `input[${at}].call_id: the call ${item.call_id} has no output; send a function_call_output with this call_id`,
      );
    }
    const content = textOf(output.item.output);
    push(conversation, { role: 'tool', toolCallId: item.call_id, content }, `input[${output.at}].output`);
  }
}
