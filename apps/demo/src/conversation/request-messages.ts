import type { Message } from '@headway/client';

import type { Draft } from '../composer/draft.ts';
import { messageWithDocuments } from '../documents/text-document.ts';
import type { Exchange } from './tree.ts';

/**
 * The conversation as messages for the model. It leaves out questions without an answer: one that was too long would make
 * every later request too long.
 */
export function requestMessages(before: readonly Exchange[], next: Draft): Message[] {
  return [
    ...before.flatMap(({ question, reply }): Message[] =>
      reply?.result && reply.result.text !== ''
        ? [
            { role: 'user', content: messageWithDocuments(question.text, question.documents).content },
            { role: 'assistant', content: reply.result.text },
          ]
        : [],
    ),
    { role: 'user', content: messageWithDocuments(next.text, next.documents).content },
  ];
}

/** Spans of a request at most. */
const mostSpans = 256;

/** The documents of the last message, for the request's field `spans`: the events then tell how far each is read. */
export function requestSpans({ text, documents }: Draft): { name: string; start: number; end: number }[] {
  return messageWithDocuments(text, documents).spans.slice(0, mostSpans);
}
