import type { GenerateInput, Message } from '@headway/client';

import { isEmpty, type Draft } from '../composer/draft.ts';
import { messageWithDocuments } from '../documents/text-document.ts';
import type { Exchange } from './tree.ts';

/** The parts of a request that the conversation makes. */
export interface RequestContent {
  messages: Message[];
  /** Where the documents are in the last message; left out without documents. */
  spans?: NonNullable<GenerateInput['spans']>;
}

/** The most spans that a request can have. Documents beyond them are read without being named. */
const mostSpans = 256;

/**
 * The conversation as messages for the model. It leaves out questions without an answer: one that was too long would make
 * every later request too long.
 */
export function requestContent(before: readonly Exchange[], next: Draft): RequestContent {
  const message = messageWithDocuments(next.text, next.documents);
  const spans = message.spans.slice(0, mostSpans);
  const messages = [
    ...before.flatMap(({ question, reply }): Message[] =>
      reply?.result && reply.result.text !== ''
        ? [
            { role: 'user', content: messageWithDocuments(question.text, question.documents).content },
            { role: 'assistant', content: reply.result.text },
          ]
        : [],
    ),
    { role: 'user' as const, content: message.content },
  ];
  return spans.length > 0 ? { messages, spans } : { messages };
}

/** What sending a draft would say to the model, for a forecast; null if it has nothing to say. */
export function messagesToForecast(before: readonly Exchange[], draft: Draft): Message[] | null {
  const { messages } = requestContent(before, draft);
  // The chat so far has a size, too.
  const told = isEmpty(draft) ? messages.slice(0, -1) : messages;
  return told.length === 0 ? null : told;
}
