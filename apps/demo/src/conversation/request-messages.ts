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
            { role: 'user', content: messageWithDocuments(question.text, question.documents) },
            { role: 'assistant', content: reply.result.text },
          ]
        : [],
    ),
    { role: 'user', content: messageWithDocuments(next.text, next.documents) },
  ];
}
