import type { GenerateInput, Message } from '@headway/client';

import { isEmpty, type Draft } from '../composer/draft.ts';
import { messageWithDocuments } from '../documents/text-document.ts';
import type { Reply } from '../storage/records.ts';
import { resultMessages, toolCallsOf, type ToolCall } from './tool-messages.ts';
import type { Exchange } from './tree.ts';

/** The parts of a request that the conversation makes. */
export interface RequestContent {
  messages: Message[];
  /** Where the documents are in the last message; left out without documents. */
  spans?: NonNullable<GenerateInput['spans']>;
}

/** The most spans that a request can have. Documents beyond them are read without being named. */
const mostSpans = 256;

/** The conversation as messages for the model, after the system prompt, if there is one. */
export function requestContent(before: readonly Exchange[], next: Draft, system = ''): RequestContent {
  const { told, open } = messagesBefore(before, system);
  const messages = [...told, ...resultMessages(open, next.toolResults)];
  if (next.toolResults && next.text === '' && next.documents.length === 0) return { messages };
  const { content, spans: all } = messageWithDocuments(next.text, next.documents);
  messages.push({ role: 'user', content });
  const spans = all.slice(0, mostSpans);
  return spans.length > 0 ? { messages, spans } : { messages };
}

/** What sending a draft would say to the model, for a forecast; null if it has nothing to say. */
export function messagesToForecast(before: readonly Exchange[], draft: Draft, system = ''): Message[] | null {
  if (!isEmpty(draft)) return requestContent(before, draft, system).messages;
  // The chat so far has a size, too.
  const { told, open } = messagesBefore(before, system);
  return told.some(({ role }) => role !== 'system') ? [...told, ...resultMessages(open)] : null;
}

/**
 * The messages so far, and the tool calls at their end that wait for results. Questions without an answer are left out: one
 * that was too long would make every later request too long. The results that they brought to calls stay.
 */
function messagesBefore(before: readonly Exchange[], system: string): { told: Message[]; open: readonly ToolCall[] } {
  const told: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  let open: readonly ToolCall[] = [];
  for (const { question, reply } of before) {
    told.push(...resultMessages(open, question.toolResults));
    open = [];
    const answer = reply && answerMessage(reply);
    if (!answer) continue;
    if (!question.toolResults || question.text !== '') {
      told.push({ role: 'user', content: messageWithDocuments(question.text, question.documents).content });
    }
    told.push(answer);
    open = toolCallsOf(reply);
  }
  return { told, open };
}

function answerMessage(reply: Reply): Message | null {
  const content = reply.result?.text ?? '';
  const toolCalls = toolCallsOf(reply);
  if (toolCalls.length > 0) return { role: 'assistant', content, toolCalls: [...toolCalls] };
  return content === '' ? null : { role: 'assistant', content };
}
