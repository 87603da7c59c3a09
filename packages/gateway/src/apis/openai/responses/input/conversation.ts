import { fieldError, messageText, readPath, type Message } from '@headway/protocol';

import { flatName } from '../../../../surface/tools/tool-namespaces.ts';
import { textOf } from './input-content.ts';
import { thoughtOf, type InputItem } from './input-item.ts';
import type { FunctionCallOutput } from './function-call-item.ts';
import type { FunctionCall } from './function-call-item.ts';
import { fieldAt, inRequest } from './item-place.ts';

/** Where a message came from. */
export interface MessageSource {
  /** Path in the request: `input[3].content`, `instructions`, … */
  content: string;
  /** Path of the item of each of its calls, in order. */
  calls: string[];
}

export interface Conversation {
  messages: Message[];
  /** One for each message. */
  sources: MessageSource[];
}

/** An item, and where in the request it stands. */
interface Placed<Item> {
  place: string;
  item: Item;
}

/** An entry of a conversation, wherever it came from. */
export type PlacedItem = Placed<InputItem>;

/**
 * The items of a conversation as messages. Calls in a row are one turn, together with the answer's text before them, and
 * each call is followed by its output, wherever that came: that is how the model wrote and read them. Thoughts belong to
 * what the model wrote next; those that nothing of it follows are left out. What was done elsewhere is text of the model's
 * turn.
 *
 * @throws HeadwayError `invalid-request` for a call without an output, and for an output without a call
 */
export function toConversation(instructions: string | null, items: readonly PlacedItem[]): Conversation {
  const conversation: Conversation = { messages: [], sources: [] };
  if (instructions !== null) push(conversation, { role: 'system', content: instructions }, 'instructions');
  const outputs = outputsByCall(items);
  let calls: Placed<FunctionCall>[] = [];
  /** Before the calls, and before what comes next. */
  let thoughts: Record<'calls' | 'next', string[]> = { calls: [], next: [] };
  /** The message that says what was done elsewhere, until the model's turn is over. */
  let told: Message | null = null;
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
        told = null;
        break;
      case 'elsewhere': {
        if (item.text === '') break;
        endTurn();
        const message: Message = withThoughts({ role: 'assistant', content: item.text }, thoughts.next);
        told = goOn(conversation, told, message) ?? push(conversation, message, place);
        thoughts.next = [];
        break;
      }
      default: {
        endTurn();
        const message = withThoughts(messageOf(item), thoughts.next);
        if (!goOn(conversation, told, message)) push(conversation, message, fieldAt(place, 'content'));
        told = null;
        thoughts.next = [];
      }
    }
  }
  endTurn();
  const [left] = [...outputs.values()].flat();
  if (left) {
    const { path } = readPath(fieldAt(left.place, 'call_id'));
    const message = `there is no function_call ${left.item.call_id} without an output; send it before its output`;
    throw fieldError({ path, message });
  }
  return conversation;
}

/** The model's turn in which something was done elsewhere, with what it did next; null when it is not the last one. */
function goOn({ messages }: Conversation, told: Message | null, next: Message): Message | null {
  if (told?.role !== 'assistant' || next.role !== 'assistant' || messages.at(-1) !== told) return null;
  const reasoning = [told.reasoning, next.reasoning].filter((text) => text !== undefined).join('\n\n');
  const message: Message = {
    ...told,
    content: `${messageText(told.content)}\n${messageText(next.content)}`,
    ...(reasoning !== '' && { reasoning }),
  };
  messages.splice(-1, 1, message);
  return message;
}

function push({ messages, sources }: Conversation, message: Message, content: string, calls: string[] = []): Message {
  messages.push(message);
  sources.push({ content, calls });
  return message;
}

function messageOf({ role, content }: Extract<InputItem, { role: string }>): Message {
  return { role: role === 'developer' ? 'system' : role, content: textOf(content) };
}

/** The model's own message with what it thought before. */
function withThoughts(message: Message, thoughts: readonly string[]): Message {
  if (message.role !== 'assistant' || thoughts.length === 0) return message;
  const before = message.reasoning === undefined ? [] : [message.reasoning];
  return { ...message, reasoning: [...before, ...thoughts].join('\n\n') };
}

/** Ids may come again in a later turn: outputs go to the calls of their id in order. */
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
    push(conversation, message, places[0] ?? 'input', places);
  }
  for (const { place, item } of calls) {
    const output = outputs.get(item.call_id)?.shift();
    if (!output) {
      const { path } = readPath(unanswered(place));
      const message = `the call ${item.call_id} has no output; send a function_call_output with this call_id`;
      throw fieldError({ path, message });
    }
    const content = textOf(output.item.output ?? '');
    push(conversation, { role: 'tool', toolCallId: item.call_id, content }, fieldAt(output.place, 'output'));
  }
}

/** Where a call without an output is told of: the input is what can have one, where the call itself is not in it. */
function unanswered(place: string): string {
  return inRequest(place) ? fieldAt(place, 'call_id') : 'input';
}
