import type { Message } from '@headway/client';
import type { GenerationState } from '@headway/client/react';

import { isEmpty, type Draft } from '../composer/draft.ts';
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
      { role: 'user', content: messageWithDocuments(message.text, message.documents).content },
      { role: 'assistant', content: answer?.text ?? '' },
    ]),
    { role: 'user', content: messageWithDocuments(next.text, next.documents).content },
  ];
}

/** What sending a draft would say to the model, for a forecast; null if it has nothing to say. */
export function messagesToForecast(before: readonly Exchange[], draft: Draft): Message[] | null {
  const messages = toMessages(before, draft);
  // The chat so far has a size, too.
  const told = isEmpty(draft) ? messages.slice(0, -1) : messages;
  return told.length === 0 ? null : told;
}
