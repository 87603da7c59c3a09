import type { Message } from '@headway/client';
import type { GenerationState } from '@headway/client/react';

import type { Draft } from '../composer/draft.ts';
import { messageWithDocuments } from '../documents/text-document.ts';

/** A message and its answer. */
export interface Exchange {
  /** Of the generation that answers, too. */
  id: string;
  message: Draft;
  /** Null while it is the current generation's. */
  answer: GenerationState | null;
}

/**
 * The conversation as the model is to read it. A message that was never answered is left out: what was too long once
 * would stay too long for ever.
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
