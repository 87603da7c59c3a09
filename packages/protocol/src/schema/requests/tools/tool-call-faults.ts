import type { FieldPath } from '../../../errors/field-path.ts';
import type { Issue } from '../../../errors/issue.ts';
import type { Message } from '../message.ts';

/** Checks that each tool call of a conversation is followed by its result before any other message. */
export function* toolCallFaults(messages: readonly Message[]): Generator<Issue> {
  let open = new Map<string, FieldPath>();
  const unanswered = function* (): Generator<Issue> {
    for (const [id, path] of open) {
      yield { path, message: `the call ${id} has no result; send one with the role 'tool' right after it` };
    }
    open = new Map();
  };
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId)) {
        yield {
          path: ['messages', at, 'toolCallId'],
          message: `answers no open call; send the assistant's message with the call ${message.toolCallId} before it`,
        };
      }
      continue;
    }
    yield* unanswered();
    if (message.role !== 'assistant') continue;
    for (const [index, { id }] of (message.toolCalls ?? []).entries()) {
      const path = ['messages', at, 'toolCalls', index];
      if (open.has(id)) yield { path: [...path, 'id'], message: `${id} appears twice; give each call its own id` };
      open.set(id, path);
    }
  }
  yield* unanswered();
}
