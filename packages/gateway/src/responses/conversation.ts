import { HeadwayError, type Message } from '@headway/protocol';

import { flatName } from '../tools/tool-namespaces.ts';
import { textOf } from './input-content.ts';
import { thoughtOf, type FunctionCall, type FunctionCallOutput, type InputItem } from './input-item.ts';

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
 * each call is followed by its output, wherever that came: that is how the model wrote and read them. Thoughts belong to
 * what the model wrote next; those that nothing of it follows are left out.
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
  /** Before the calls, and before what comes next. */
  let thoughts: Record<'calls' | 'next', string[]> = { calls: [], next: [] };
  const endTurn = () => {
    if (calls.length > 0) pushCalls(conversation, { calls, thoughts: thoughts.calls }, outputs);
    calls = [];
    thoughts.calls = [];
  };
  for (const [at, item] of input.entries()) {
    switch (item.type) {
      case 'reasoning': {
        const thought = thoughtOf(item);
        if (thought !== '') thoughts.next.push(thought);
        break;
      }
      case 'function_call':
        calls.push({ at, item });
        thoughts = { calls: [...thoughts.calls, ...thoughts.next], next: [] };
        break;
      case 'function_call_output':
        endTurn();
        break;
      default:
        endTurn();
        push(conversation, withThoughts(messageOf(item), thoughts.next), `input[${at}].content`);
        thoughts.next = [];
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

/** The model's own message with what it thought before. */
function withThoughts(message: Message, thoughts: readonly string[]): Message {
  if (message.role !== 'assistant' || thoughts.length === 0) return message;
  const before = message.reasoning === undefined ? [] : [message.reasoning];
  return { ...message, reasoning: [...before, ...thoughts].join('\n\n') };
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
  { calls, thoughts }: { calls: readonly Placed<FunctionCall>[]; thoughts: readonly string[] },
  outputs: ReadonlyMap<string, Placed<FunctionCallOutput>[]>,
): void {
  const toolCalls = calls.map(({ item }) => ({
    id: item.call_id,
    name: flatName(item),
    arguments: item.arguments,
  }));
  const places = calls.map(({ at }) => at);
  const last = conversation.messages.at(-1);
  if (last?.role === 'assistant' && !last.toolCalls) {
    conversation.messages.splice(-1, 1, withThoughts({ ...last, toolCalls }, thoughts));
    conversation.sources.at(-1)?.calls.push(...places);
  } else {
    const message = withThoughts({ role: 'assistant', content: '', toolCalls }, thoughts);
    push(conversation, message, `input[${places[0]}]`, places);
  }
  for (const { at, item } of calls) {
    const output = outputs.get(item.call_id)?.shift();
    if (!output) {
      throw new HeadwayError(
        'invalid-request',
        `input[${at}].call_id: the call ${item.call_id} has no output; send a function_call_output with this call_id`,
      );
    }
    const content = textOf(output.item.output ?? '');
    push(conversation, { role: 'tool', toolCallId: item.call_id, content }, `input[${output.at}].output`);
  }
}
