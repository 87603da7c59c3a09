import type { ToolCall, ToolCallHead } from '@headway/protocol';

import { createToolCallId } from '../../../backend/create-tool-call-id.ts';
import type { AnswerPart } from '../calls/read/answer-reader.ts';

type CallPart = Extract<AnswerPart, { index: number }>;

/** The tool calls of one answer. */
export class AnswerCalls {
  readonly #calls: (ToolCall & { ended: boolean })[] = [];

  /** The calls that are complete. */
  get whole(): ToolCall[] {
    return this.#calls.flatMap(({ ended, ...call }) => (ended ? [call] : []));
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Adds a part and returns the call that it belongs to. */
  add(part: CallPart): ToolCallHead {
    const { index, name } = part;
    const call = (this.#calls[index] ??= { id: createToolCallId(), name, arguments: '', ended: false });
    if (part.channel === 'tool-call') call.arguments += part.text;
    else call.ended = true;
    return { index, id: call.id, name };
  }
}
