import { Field, sentence, type Issue } from '../../../errors/issue.ts';
import { messageText, type messageContent } from '../message.ts';
import type { Span } from './span.ts';
import type { z } from 'zod';

interface SpannedRequest {
  prompt?: string | undefined;
  messages?: readonly { content: z.output<typeof messageContent> }[] | undefined;
  spans?: readonly Span[] | undefined;
}

/** Finds spans outside of the text that they are about, empty ones, and those that overlap or are out of order. */
export function* spanFaults({ prompt, messages, spans = [] }: SpannedRequest): Generator<Issue> {
  const lengths = new Map<number, number>();
  const lengthOf = (message: number): number | undefined => {
    const content = messages?.[message]?.content;
    if (content === undefined) return undefined;
    const length = lengths.get(message) ?? messageText(content).length;
    lengths.set(message, length);
    return length;
  };
  let before: { message: number; end: number } | null = null;
  for (const [at, { start, end, message: given }] of spans.entries()) {
    const path = ['spans', at];
    if (messages === undefined && given !== undefined) {
      yield { path: [...path, 'message'], ...sentence`is an index of ${new Field('messages')}; remove it` };
      continue;
    }
    const message = messages === undefined ? 0 : (given ?? messages.length - 1);
    const length = messages === undefined ? (prompt ?? '').length : lengthOf(message);
    if (length === undefined) {
      const last = (messages?.length ?? 0) - 1;
      const there = sentence`is ${message}, but the last of the ${new Field('messages')} is ${last}; send its index`;
      yield { path: [...path, 'message'], ...there, expected: `at most ${last}` };
      continue;
    }
    if (end <= start) {
      const words = sentence`must be more than ${new Field('spans', at, 'start')}, which is ${start}`;
      yield { path: [...path, 'end'], ...words, expected: `more than ${start}` };
    } else if (end > length) {
      const text = messages === undefined ? new Field('prompt') : new Field('messages', message, 'content');
      const words = sentence`is past the end of ${text}, which has ${length} UTF-16 code units; send ${length} at most`;
      yield { path: [...path, 'end'], ...words, expected: `at most ${length}` };
    }
    if (before && (message < before.message || (message === before.message && start < before.end))) {
      const words = sentence`is before the end of ${new Field('spans', at - 1)}; send spans in order, without overlap`;
      yield { path: [...path, 'start'], ...words };
    }
    before = { message, end };
  }
}
