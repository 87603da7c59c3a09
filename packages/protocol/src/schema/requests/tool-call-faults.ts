import type { Message } from './message.ts';
import type { Fault } from './tool-faults.ts';

/** Checks that each tool call of a conversation is followed by its result before any other message. */
export function* toolCallFaults(messages: readonly Message[]): Generator<Fault> {
  let open = new Map<string, Fault['path']>();
  const unanswered = function* (): Generator<Fault> {
    for (const [id, path] of open) {
      yield { path, message: `the call ${id} has no result; send one with the role 'tool' right behind it` };
    }
    open = new Map();
  };
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId)) {
        yield {
          path: ['messages', at, 'toolCallId'],
          message: `no call ${message.toolCallId} without a result comes before; send the assistant's message with its toolCalls first`,
        };
      }
      continue;
    }
    yield* unanswered();
    if (message.role !== 'assistant') continue;
    for (const [index, { id }] of (message.toolCalls ?? []).entries()) {
      const path = ['messages', at, 'toolCalls', index];
      if (open.has(id)) yield { path: [...path, 'id'], message: `${id} is there twice; each call needs its own id` };
      open.set(id, path);
    }
  }
  yield* unanswered();
}
