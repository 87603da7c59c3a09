import { fieldError, messageText, type FieldPath, type Message } from '@headway/protocol';

import { flatName } from '../../../../surface/tools/tool-namespaces.ts';
import { textOf } from './input-content.ts';
import { thoughtOf, type InputItem } from './input-item.ts';
import type { FunctionCall, FunctionCallOutput } from './function-call-item.ts';
import { fieldAt, inRequest } from './item-place.ts';

/** The place in the request that a message came from. */
export interface MessageSource {
  /** A path in the request: `input[3].content`, `instructions`, … */
  content: FieldPath;
  /** The path of the item of each of its calls, in order. */
  calls: FieldPath[];
}

export interface Conversation {
  messages: Message[];
  /** One for each message. */
  sources: MessageSource[];
}

/** An item and its path in the request. */
interface Placed<Item> {
  place: FieldPath;
  item: Item;
}

/** An entry of a conversation, from the request or from a kept response. */
export type PlacedItem = Placed<InputItem>;

/**
 * Converts the items of a conversation to messages. Consecutive calls become one message, with the text before them,
 * and the outputs follow it in the order of the calls, as the model wrote and read them. Reasoning joins the model's
 * next message; reasoning without one is left out. Hosted tools become text of the assistant.
 *
 * @throws HeadwayError `invalid-request` for a call without an output, and for an output without a call
 */
export function toConversation(instructions: string | null, items: readonly PlacedItem[]): Conversation {
  const conversation: Conversation = { messages: [], sources: [] };
  if (instructions !== null) push(conversation, { role: 'system', content: instructions }, ['instructions']);
  const outputs = outputsByCall(items);
  let calls: Placed<FunctionCall>[] = [];
  /** The reasoning before the pending calls, and before the next message. */
  let thoughts: Record<'calls' | 'next', string[]> = { calls: [], next: [] };
  /** The message that ends with a hosted tool's text, while the assistant's turn lasts. */
  let hosted: Message | null = null;
  const endTurn = () => {
    if (calls.length > 0) pushCalls(conversation, { calls, thoughts: thoughts.calls }, outputs);
    calls = [];
    thoughts.calls = [];
  };
  for (const { item, place } of items) {
    switch (item.type) {
      case 'reasoning': {
        const thought = thoughtOf(item);
        if (thought !== '') thoughts.next.push(thought);
        break;
      }
      case 'function_call':
        calls.push({ place, item });
        thoughts = { calls: [...thoughts.calls, ...thoughts.next], next: [] };
        break;
      case 'function_call_output':
        endTurn();
        hosted = null;
        break;
      case 'hosted-tool': {
        if (item.text === '') break;
        endTurn();
        const message: Message = withThoughts({ role: 'assistant', content: item.text }, thoughts.next);
        hosted = continueTurn(conversation, hosted, message) ?? push(conversation, message, place);
        thoughts.next = [];
        break;
      }
      default: {
        endTurn();
        const message = withThoughts(messageOf(item), thoughts.next);
        if (!continueTurn(conversation, hosted, message)) push(conversation, message, fieldAt(place, 'content'));
        hosted = null;
        thoughts.next = [];
      }
    }
  }
  endTurn();
  const [left] = [...outputs.values()].flat();
  if (left) {
    const path = fieldAt(left.place, 'call_id');
    const message = `there is no function_call ${left.item.call_id} without an output; send it before its output`;
    throw fieldError({ path, message });
  }
  return conversation;
}

/**
 * Appends `next` to the message of a hosted tool; null if that is not the last message or `next` is not the
 * assistant's.
 */
function continueTurn({ messages }: Conversation, hosted: Message | null, next: Message): Message | null {
  if (hosted?.role !== 'assistant' || next.role !== 'assistant' || messages.at(-1) !== hosted) return null;
  const reasoning = [hosted.reasoning, next.reasoning].filter((text) => text !== undefined).join('\n\n');
  const message: Message = {
    ...hosted,
    content: `${messageText(hosted.content)}\n${messageText(next.content)}`,
    ...(reasoning !== '' && { reasoning }),
  };
  messages.splice(-1, 1, message);
  return message;
}

function push(
  { messages, sources }: Conversation,
  message: Message,
  content: FieldPath,
  calls: FieldPath[] = [],
): Message {
  messages.push(message);
  sources.push({ content, calls });
  return message;
}

function messageOf({ role, content }: Extract<InputItem, { role: string }>): Message {
  return { role: role === 'developer' ? 'system' : role, content: textOf(content) };
}

/** A message of the assistant with the reasoning before it. */
function withThoughts(message: Message, thoughts: readonly string[]): Message {
  if (message.role !== 'assistant' || thoughts.length === 0) return message;
  const before = message.reasoning === undefined ? [] : [message.reasoning];
  return { ...message, reasoning: [...before, ...thoughts].join('\n\n') };
}

/** The outputs by call id. A later turn may use an id again, so the outputs of an id are in the order of its calls. */
function outputsByCall(items: readonly PlacedItem[]): Map<string, Placed<FunctionCallOutput>[]> {
  const outputs = new Map<string, Placed<FunctionCallOutput>[]>();
  for (const { item, place } of items) {
    if (item.type !== 'function_call_output') continue;
    const same = outputs.get(item.call_id);
    if (same) same.push({ place, item });
    else outputs.set(item.call_id, [{ place, item }]);
  }
  return outputs;
}

function pushCalls(
  conversation: Conversation,
  { calls, thoughts }: { calls: readonly Placed<FunctionCall>[]; thoughts: readonly string[] },
  outputs: ReadonlyMap<string, Placed<FunctionCallOutput>[]>,
): void {
  const toolCalls = calls.map(({ item }) => ({
    id: item.call_id,
    name: flatName(item),
    arguments: item.arguments,
  }));
  const places = calls.map(({ place }) => place);
  const last = conversation.messages.at(-1);
  if (last?.role === 'assistant' && !last.toolCalls) {
    conversation.messages.splice(-1, 1, withThoughts({ ...last, toolCalls }, thoughts));
    conversation.sources.at(-1)?.calls.push(...places);
  } else {
    const message = withThoughts({ role: 'assistant', content: '', toolCalls }, thoughts);
    push(conversation, message, places[0] ?? ['input'], places);
  }
  for (const { place, item } of calls) {
    const output = outputs.get(item.call_id)?.shift();
    if (!output) {
      const path = unanswered(place);
      const message = `the call ${item.call_id} has no output; send a function_call_output with this call_id`;
      throw fieldError({ path, message });
    }
    const content = textOf(output.item.output ?? '');
    push(conversation, { role: 'tool', toolCallId: item.call_id, content }, fieldAt(output.place, 'output'));
  }
}

/** The field to name for a call without an output: the call's own, or `input` if the call is in a kept response. */
function unanswered(place: FieldPath): FieldPath {
  return inRequest(place) ? fieldAt(place, 'call_id') : ['input'];
}
