import type { FieldPath, Issue, Message } from '@headway/protocol';

import {
  isLeftOut,
  isOwnLine,
  joinParts,
  type LeftOutPart,
  type OwnLine,
} from '../../../surface/content/left-out-part.ts';
import type { TextPlace } from '../../../surface/content/place-spans.ts';
import { resultText, type AnthropicMessage, type ToolResultBlock, type ToolUseBlock } from './content-blocks.ts';

interface Placed<Block> {
  block: Block;
  path: FieldPath;
}

/** Neighbouring messages of one role, which Anthropic's API treats as one turn. */
interface Turn {
  role: AnthropicMessage['role'];
  /** The path of the first message. */
  path: FieldPath;
  /** The text of each message that has one, and the message's index. */
  texts: { from: number; text: string }[];
  /** The reasoning before the texts and calls. */
  thoughts: string[];
  calls: Placed<ToolUseBlock>[];
  results: Placed<ToolResultBlock>[];
}

/** Between the texts of messages that are one turn. */
const betweenTexts = '\n\n';

/** The protocol's limit of calls in a message. */
const maxCalls = 128;

/** Converts Anthropic's messages to the engine's: tool results first, right after their calls, then the user's text. */
export function toMessages(messages: readonly AnthropicMessage[]): Message[] {
  return turnsOf(messages).flatMap(messagesOf);
}

/** Where the text of each message with one is among those of `toMessages`, by the message's index. */
export function textPlaces(messages: readonly AnthropicMessage[]): Map<number, TextPlace> {
  const places = new Map<number, TextPlace>();
  let count = 0;
  for (const turn of turnsOf(messages)) {
    // The text comes after the results.
    count += messagesOf(turn).length;
    let offset = 0;
    for (const { from, text } of turn.texts) {
      places.set(from, { message: count - 1, offset, length: text.length });
      offset += text.length + betweenTexts.length;
    }
  }
  return places;
}

/** Checks that the turn after each call has its result. */
export function* conversationFaults(messages: readonly AnthropicMessage[]): Generator<Issue> {
  let open = new Map<string, FieldPath>();
  for (const { calls, results, path } of turnsOf(messages)) {
    for (const { block, path: at } of results) {
      if (open.delete(block.tool_use_id)) continue;
      yield {
        path: [...at, 'tool_use_id'],
        message: `answers no open call; send the assistant's tool_use ${block.tool_use_id} in the message before`,
      };
    }
    yield* unanswered(open);
    open = new Map();
    if (calls.length > maxCalls) {
      yield { path: [...path, 'content'], message: `has ${calls.length} calls; send ${maxCalls} at most in one turn` };
    }
    for (const { block, path: at } of calls) {
      if (open.has(block.id)) {
        yield { path: [...at, 'id'], message: `${block.id} appears twice; give each call its own id` };
      }
      open.set(block.id, at);
    }
  }
  yield* unanswered(open);
}

function* unanswered(open: ReadonlyMap<string, FieldPath>): Generator<Issue> {
  for (const [id, path] of open) {
    yield { path, message: `the call ${id} has no result; begin the user's next message with a tool_result for it` };
  }
}

function turnsOf(messages: readonly AnthropicMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const [at, message] of messages.entries()) {
    const path = ['messages', at];
    let turn = turns.at(-1);
    if (turn?.role !== message.role)
      turns.push((turn = { role: message.role, path, texts: [], thoughts: [], calls: [], results: [] }));
    addMessage(turn, message, at);
  }
  return turns;
}

function addMessage(turn: Turn, { content }: AnthropicMessage, from: number): void {
  if (typeof content === 'string') {
    turn.texts.push({ from, text: content });
    return;
  }
  const said: (LeftOutPart | OwnLine | { text: string })[] = [];
  for (const [at, block] of content.entries()) {
    const placed = ['messages', from, 'content', at];
    if (isLeftOut(block) || isOwnLine(block)) {
      said.push(block);
      continue;
    }
    switch (block.type) {
      case 'text':
        said.push(block);
        break;
      case 'tool_use':
        turn.calls.push({ block, path: placed });
        break;
      case 'tool_result':
        turn.results.push({ block, path: placed });
        break;
      case 'thinking':
        if (block.thinking !== '') turn.thoughts.push(block.thinking);
        break;
      case 'redacted_thinking':
        break;
      default:
        block satisfies never;
    }
  }
  if (said.length > 0) turn.texts.push({ from, text: joinParts(said, ({ text }) => text) });
}

function messagesOf({ role, texts, thoughts, calls, results }: Turn): Message[] {
  const content = texts.map(({ text }) => text).join(betweenTexts);
  switch (role) {
    case 'system':
      return [{ role, content }];
    case 'assistant':
      return [
        {
          role,
          content,
          ...(thoughts.length > 0 && { reasoning: thoughts.join('\n\n') }),
          ...(calls.length > 0 && { toolCalls: calls.map(({ block }) => toToolCall(block)) }),
        },
      ];
    case 'user': {
      const toolMessages = results.map(({ block }): Message => ({
        role: 'tool',
        toolCallId: block.tool_use_id,
        content: resultOf(block),
      }));
      return texts.length > 0 ? [...toolMessages, { role, content }] : toolMessages;
    }
    default:
      return role satisfies never;
  }
}

function toToolCall({ id, name, input }: ToolUseBlock) {
  return { id, name, arguments: JSON.stringify(input) };
}

/**
 * The engine's results have no flag for errors, so the text of a failed one begins with "Error", unless it already
 * does.
 */
function resultOf({ content, is_error }: ToolResultBlock): string {
  const text = resultText(content ?? '');
  return is_error && !/^\W*error/i.test(text) ? `Error: ${text}` : text;
}
