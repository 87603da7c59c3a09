import type { Message } from '@headway/client';
import type { GenerationState } from '@headway/client/react';

import type { Draft } from '../composer/draft.ts';
import { messageWithDocuments } from '../documents/text-document.ts';

/** A message and its answer. */
export interface Exchange {
  /** Also the id of the generation that answers. */
  id: string;
  message: Draft;
  /** Null while the current generation holds it. */
  answer: GenerationState | null;
}

/**
 * The conversation as messages for the model. It leaves out messages without an answer: one that was too long would make
 * every later request too long.
 */
export function toMessages(before: readonly Exchange[], next: Draft): Message[] {
  const answered = before.filter(({ answer }) => answer !== null && answer.text !== '');
  return [
    ...answered.flatMap(({ message, answer }): Message[] => [
      { role: 'user', content: messageWithDocuments(message.text, message.documents) },
      { role: 'assistant', content: answer?.text ?? '' },
    ]),
    { role: 'user', content: messageWithDocuments(next.text, next.documents) },
  ];
}
