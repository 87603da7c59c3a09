import type { Message } from '@headway/client';
import type { GenerationState } from '@headway/client/react';

import type { ToolResult } from '../composer/draft.ts';
import type { Reply } from '../storage/records.ts';

export type ToolCall = GenerationState['toolCalls'][number];

/** What the model is told of a call whose result the user left out: each call needs a result. */
export const noResult = 'No result: the user went on without it.';

/** The calls of an answer that wait for results. Those of an answer that failed may be cut, so they count as not made. */
export function toolCallsOf(reply: Pick<Reply, 'result'>): readonly ToolCall[] {
  return reply.result?.state === 'done' ? reply.result.toolCalls : [];
}

/** The results of calls, in the calls' order. */
export function resultMessages(calls: readonly ToolCall[], results: readonly ToolResult[] = []): Message[] {
  return calls.map(({ id }) => ({
    role: 'tool',
    toolCallId: id,
    content: results.find((result) => result.id === id)?.text ?? noResult,
  }));
}
